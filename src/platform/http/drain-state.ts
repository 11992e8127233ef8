import { Injectable } from '@nestjs/common';

/** Whether this process is shutting down and only finishes the requests in flight. */
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
