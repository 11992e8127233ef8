import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { until } from './until.js';

export interface SmtpInboxOptions {
  /** The same as before for a server that comes back; a free one when absent. */
  port?: number;
  /** As SMTP_TLS; `off` when absent. The certificate is for 127.0.0.1, and its own authority. */
  tls?: 'off' | 'starttls' | 'tls';
  /** Who may send; everybody when absent. */
  auth?: { user: string; password: string };
}

export interface ReceivedMessage {
  /** Of the conversation, not of the headers. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets. */
  readonly messageId: string;
  /** As they were written, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  /** Who signed in at the server, and whether what they said was encrypted. */
  readonly user: string | undefined;
  readonly isEncrypted: boolean;
}

/** A real SMTP server on the loopback that keeps what it is sent, and behaves badly when told to. */
export class SmtpInbox {
  /** Everything that was accepted, oldest first. */
  readonly messages: ReceivedMessage[] = [];
  /** Recipients that were named, each time, accepted or not. */
  readonly named: string[] = [];
  /** What a recipient is refused with, such as 550; undefined for welcome. */
  refusal: (address: string) => number | undefined = () => undefined;
  /** Where the server falls silent: it never greets, or drops the message without a word, or keeps it without a word. */
  silentAt: 'greeting' | 'message' | 'thanks' | undefined;
  /** Conversations that the server has left without an answer. */
  hanging = 0;
  /** Connections that were opened. */
  connections = 0;

  private readonly given = new Set<ReceivedMessage>();

  private constructor(
    private readonly server: SMTPServer,
    private readonly options: SmtpInboxOptions,
    readonly port: number,
    /** File with the certificate of `tls`, for NODE_EXTRA_CA_CERTS of a process. */
    readonly certificate: string | undefined,
    private readonly folder: string,
  ) {
    server.onConnect = (_session, done) => {
      this.connections += 1;
      this.answer(['greeting'], done);
    };
    server.onAuth = ({ username, password }, _session, done) => {
      const isRight = username === options.auth?.user && password === options.auth?.password;
      done(isRight ? null : new Error('Invalid username or password'), isRight ? { user: username } : undefined);
    };
    server.onRcptTo = ({ address }, _session, done) => {
      this.named.push(address);
      const code = this.refusal(address);
      done(
        code === undefined
          ? null
          : Object.assign(new Error(`<${address}> is refused by the test`), { responseCode: code }),
      );
    };
    server.onData = (stream, session, done) => void this.take(stream, session, done);
  }

  static async start(options: SmtpInboxOptions = {}): Promise<SmtpInbox> {
    const { tls = 'off', auth, port = 0 } = options;
    const folder = mkdtempSync(join(tmpdir(), 'smtp-inbox-'));
    const certificate = tls === 'off' ? undefined : makeCertificate(folder);
    const server = new SMTPServer({
      ...(certificate ? { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificate) } : {}),
      secure: tls === 'tls',
      disabledCommands: [...(tls === 'off' ? ['STARTTLS'] : []), ...(auth ? [] : ['AUTH'])],
      allowInsecureAuth: tls === 'off',
      authOptional: !auth,
      disableReverseLookup: true,
      closeTimeout: 1,
      logger: false,
    });
    // Clients that vanish in the middle are part of the tests.
    server.on('error', () => undefined);
    const listener = server.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return new SmtpInbox(server, options, (listener.address() as AddressInfo).port, certificate, folder);
  }

  /** What points the service here. */
  get settings(): Record<string, string> {
    const { tls = 'off', auth } = this.options;
    return {
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(this.port),
      SMTP_TLS: tls,
      MAIL_FROM: 'Service <no-reply@service.example>',
      ...(auth ? { SMTP_USER: auth.user, SMTP_PASSWORD: auth.password } : {}),
    };
  }

  /** The oldest message for which that holds, and which was not asked for before; waits for it. */
  async next(isMeant: (message: ReceivedMessage) => boolean = () => true): Promise<ReceivedMessage> {
    const find = () => this.messages.find((message) => !this.given.has(message) && isMeant(message));
    await until(() => find() !== undefined);
    const message = find() as ReceivedMessage;
    this.given.add(message);
    return message;
  }

  private answer(points: readonly string[], done: (error?: Error | null) => void): void {
    if (points.includes(String(this.silentAt))) this.hanging += 1;
    else done();
  }

  private async take(
    stream: SMTPServerDataStream,
    { envelope, user, secure }: SMTPServerSession,
    done: (error?: Error | null) => void,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (this.silentAt !== 'message') {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      const to = envelope.rcptTo.map(({ address }) => address);
      const parsed = await parseMessage(Buffer.concat(chunks).toString('utf8'));
      const signedIn = typeof user === 'string' ? user : undefined;
      this.messages.push({ ...parsed, envelope: { from, to }, user: signedIn, isEncrypted: secure });
    }
    this.answer(['message', 'thanks'], done);
  }

  /** Ends the conversations that are under way, too. */
  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.server.close(closed));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a message file or a conversation holds. */
export async function parseMessage(raw: string): Promise<Omit<ReceivedMessage, 'envelope' | 'user' | 'isEncrypted'>> {
  const { subject = '', text = '', html = '', messageId = '', headers } = await PostalMime.parse(raw);
  return {
    subject,
    text,
    html,
    messageId,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    raw,
  };
}

/** The token of the message's link, which its text and its HTML have alike. @throws when there is none */
export function tokenIn({ text, html }: Pick<ReceivedMessage, 'text' | 'html'>): string {
  const [ofText, ofHtml] = [text, html].map((part) => /#token=([A-Za-z0-9._~%-]+)/.exec(part)?.[1]);
  if (ofText === undefined || ofText !== ofHtml) throw new Error(`no token in the message:\n${text}\n${html}`);
  return ofText;
}

function makeCertificate(folder: string): string {
  const certificate = join(folder, 'certificate.pem');
  const files = ['-keyout', join(folder, 'key.pem'), '-out', certificate];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...name], { stdio: 'ignore' });
  return certificate;
}
