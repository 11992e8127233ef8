import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

/** A TLS connection on which a test writes and reads raw text. */
export class TlsSocketText {
  private received = '';
  /** Resolves when the connection is closed. */
  readonly ended: Promise<void>;

  private constructor(private readonly socket: TLSSocket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text));
    socket.on('error', () => socket.destroy());
    this.ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }

  static async connect(options: ConnectionOptions): Promise<TlsSocketText> {
    const socket = connect(options);
    await once(socket, 'secureConnect');
    return new TlsSocketText(socket);
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until the received text contains `text`. @returns everything received so far */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) await once(this.socket, 'data');
    return this.received;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
