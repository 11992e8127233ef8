import { Injectable } from '@nestjs/common';

/** Whether this process has been told to stop and is ending what is in flight. */
@Injectable()
export class DrainState {
  private begun = false;

  get isDraining(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
  }
}
