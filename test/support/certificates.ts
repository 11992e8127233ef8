import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseServerUser } from '../../src/dev-database/server-user.js';

/** A test certificate authority and its certificates: PEM files in a folder that a PostgreSQL server may read. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'));

  constructor() {
    chmodSync(this.folder, 0o755);
    this.authority('authority');
    // An authority that no client trusts.
    this.authority('stranger');
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Creates `<name>.pem` and `<name>.key`, signed by the authority. */
  issue(name: string, subject: string, alternatives?: string): void {
    this.openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', ...this.out(name, 'csr'), '-subj', `/CN=${subject}`);
    writeFileSync(this.file(`${name}.ext`), alternatives === undefined ? '' : `subjectAltName=${alternatives}\n`);
    const signer = ['-CA', this.file('authority.pem'), '-CAkey', this.file('authority.key'), '-CAcreateserial'];
    const extensions = ['-extfile', this.file(`${name}.ext`), '-days', '2'];
    this.openssl(
      'x509',
      '-req',
      '-in',
      this.file(`${name}.csr`),
      ...signer,
      ...extensions,
      '-out',
      this.file(`${name}.pem`),
    );
  }

  /** Creates `<name>.key`, an encrypted copy of another key. */
  encrypt(key: string, name: string, passphrase: string): void {
    const output = ['-out', this.file(`${name}.key`), '-passout', `pass:${passphrase}`];
    this.openssl('rsa', '-aes256', '-in', this.file(`${key}.key`), ...output);
  }

  /** Changes owner and mode of the files, since PostgreSQL refuses a key that other users may read. */
  giveToServer(): void {
    const account = chooseServerUser(this.folder);
    for (const name of readdirSync(this.folder)) {
      chmodSync(this.file(name), 0o600);
      if (account) chownSync(this.file(name), account.uid, account.gid);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private authority(name: string): void {
    this.openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...this.out(name, 'pem'),
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
    );
  }

  private out(name: string, extension: string): string[] {
    return ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.${extension}`)];
  }

  private openssl(...parameters: string[]): void {
    execFileSync('openssl', parameters, { stdio: 'ignore' });
  }
}
