import { SmtpInbox, tokenIn } from './smtp-server.js';
import { TestApp, type TestAppOptions } from './test-app.js';
import { until } from './until.js';

/** The service with a job worker, and an SMTP server that receives its messages. */
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

  /** The token in the next message to an address that links to the page. */
  async link(address: string, page: string): Promise<string> {
    const isMeant = ({ envelope, text }: { envelope: { to: readonly string[] }; text: string }) =>
      envelope.to.includes(address) && text.includes(`/account/${page}#token=`);
    return tokenIn(await this.inbox.next(isMeant));
  }

  /** Waits until the job queue is empty, so that no further message can arrive. */
  async idle(): Promise<void> {
    await until(async () => {
      const [row] = await this.app.sql<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM graphile_worker._private_jobs WHERE attempts < max_attempts`,
      );
      return row?.waiting === 0;
    });
  }

  /** Recipients of the messages so far whose text contains `text`. */
  receiversOf(text: string): string[] {
    return this.inbox.messages.filter((message) => message.text.includes(text)).flatMap(({ envelope }) => envelope.to);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.inbox.stop();
  }
}
