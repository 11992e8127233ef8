import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, uniqueName } from './accounts.js';
import { type Received, send } from './http-client.js';

/** Four clients that read an account or register accounts, one request after the other, until they are stopped. */
export class Load {
  readonly answers: { answer: Received; username?: string }[] = [];
  private stopped = false;
  private readonly clients: Promise<void>[];
  private failure: unknown;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    this.clients = [this.read, this.read, this.write, this.write].map((request) => this.repeat(request));
  }

  /**
   * Whether both reads and writes got this status at least `times` times, since the answer with the index `since`.
   *
   * @throws the error of a client that got no answer
   */
  has(status: number, times: number, since = 0): boolean {
    if (this.failure) throw this.failure;
    const answered = this.answers.slice(since).filter(({ answer }) => answer.status === status);
    const writes = answered.filter(({ username }) => username).length;
    return writes >= times && answered.length - writes >= times;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  private async repeat(request: () => Promise<{ answer: Received; username?: string }>): Promise<void> {
    try {
      while (!this.stopped) {
        this.answers.push(await request());
        await sleep(10);
      }
    } catch (error) {
      this.failure = error;
    }
  }

  private readonly read = async () => ({ answer: await send(this.url, '/api/v1/users/me', { token: this.token }) });

  private readonly write = async () => {
    const username = uniqueName('load');
    const body = { username, password: PASSWORD };
    return { username, answer: await send(this.url, '/api/v1/auth/register', { body }) };
  };
}
