import { SmtpInbox, tokenIn } from './smtp-server.js';
import { TestApp, type TestAppOptions } from './test-app.js';
import { until } from './until.js';

/** The service doing its jobs, and a real SMTP server that takes its messages. */
export class MailedApp {
  private constructor(
    readonly app: TestApp,
    readonly inbox: SmtpInbox,
  ) {}

  static async start({ settings, ...options }: TestAppOptions = {}): Promise<MailedApp> {
    const inbox = await SmtpInbox.start();
    const worker = { WORKER: 'embedded', PUBLIC_URL: 'https://public.example/app', ...inbox.settings };
    const app = await TestApp.start({ ...options, settings: { ...worker, ...settings } });
    return new MailedApp(app, inbox);
  }

  get url(): string {
    return this.app.url;
  }

  /** The subject and the token of the next message to an address that has a link. */
  async link(address: string, page: string): Promise<string> {
    const isMeant = ({ envelope, text }: { envelope: { to: readonly string[] }; text: string }) =>
      envelope.to.includes(address) && text.includes(`/account/${page}#token=`);
    return tokenIn(await this.inbox.next(isMeant));
  }

  /** Waits until nothing is left to do, so that what did not come will not. */
  async idle(): Promise<void> {
    await until(async () => {
      const [row] = await this.app.sql<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM graphile_worker._private_jobs WHERE attempts < max_attempts`,
      );
      return row?.waiting === 0;
    });
  }

  /** Addresses of the messages so far whose text has this in it. */
  receiversOf(text: string): string[] {
    return this.inbox.messages.filter((message) => message.text.includes(text)).flatMap(({ envelope }) => envelope.to);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.inbox.stop();
  }
}
