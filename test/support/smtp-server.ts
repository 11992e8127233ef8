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
  /** The previous port, for a server that restarts; by default a free port. */
  port?: number;
  /** Like SMTP_TLS; default `off`. The certificate is self-signed, for 127.0.0.1. */
  tls?: 'off' | 'starttls' | 'tls';
  /** Required credentials; by default none. */
  auth?: { user: string; password: string };
}

export interface ReceivedMessage {
  /** The SMTP envelope, not the headers. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With angle brackets. */
  readonly messageId: string;
  /** Raw values, keyed by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  /** The authenticated user, and whether the connection was encrypted. */
  readonly user: string | undefined;
  readonly isEncrypted: boolean;
}

/** A real SMTP server on the loopback interface that stores messages and can simulate failures. */
export class SmtpInbox {
  /** Accepted messages, oldest first. */
  readonly messages: ReceivedMessage[] = [];
  /** All recipients of RCPT commands, accepted or not. */
  readonly named: string[] = [];
  /** The code that refuses a recipient, such as 550; undefined to accept it. */
  refusal: (address: string) => number | undefined = () => undefined;
  /** Where the server stops answering: before its greeting, before it stores the message, or before its reply to it. */
  silentAt: 'greeting' | 'message' | 'thanks' | undefined;
  /** Number of conversations without an answer. */
  hanging = 0;
  /** Number of accepted connections. */
  connections = 0;

  private readonly given = new Set<ReceivedMessage>();

  private constructor(
    private readonly server: SMTPServer,
    private readonly options: SmtpInboxOptions,
    readonly port: number,
    /** The certificate file for `tls`, to set as NODE_EXTRA_CA_CERTS of a process. */
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
    // Tests include clients that disconnect during a conversation.
    server.on('error', () => undefined);
    const listener = server.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return new SmtpInbox(server, options, (listener.address() as AddressInfo).port, certificate, folder);
  }

  /** The service's settings for this server. */
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

  /** Waits for a matching message. @returns the oldest one that no earlier call has returned */
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

  /** Also ends open conversations. */
  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.server.close(closed));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Parses a message of a file or of a conversation. */
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

/** The token of the message's link, the same in text and HTML. @throws if there is none */
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
