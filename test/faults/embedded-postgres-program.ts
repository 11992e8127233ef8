import { transformFileSync } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A program that starts only the database, in a separate process that can be killed. It prints one JSON object per line: the
 * server's address once it is ready, or `{error, name}`. SIGINT prints a message, SIGTERM stops the server and exits, and
 * SIGHUP exits without stopping the server.
 */
const PROGRAM = `
import { startEmbeddedPostgres } from './dev-database/embedded-postgres.js';
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
process.on('SIGINT', () => say({ interrupted: true }));
try {
  const { stop, ...server } = await startEmbeddedPostgres({ ...JSON.parse(process.argv[2]), log: (line) => say({ line }) });
  process.on('SIGTERM', () => stop().then(() => process.exit()));
  process.on('SIGHUP', () => process.exit());
  say(server);
  setInterval(() => {}, 60_000);
} catch (error) {
  say({ error: error.message, name: error.name });
}
`;

/** Folders of `src` that the program needs. */
const PARTS = ['dev-database', 'platform/processes'];

/** Compiles the program into `folder`, readable for every user. */
export function buildProgram(folder: string): void {
  for (const part of PARTS) compile(resolve('src', part), join(folder, part));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'program.js'), PROGRAM);
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const path of ['.', 'platform', ...PARTS]) chmodSync(join(folder, path), 0o755);
}

function compile(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(source)) {
    if (!file.endsWith('.ts') || file.endsWith('.spec.ts')) continue;
    const { code } = transformFileSync(join(source, file), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'es6' },
    });
    writeFileSync(join(target, file.replace(/ts$/, 'js')), code);
  }
}

export interface ProgramMessage {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  error: string;
  name: string;
  line: string;
  interrupted: boolean;
}

/** A run of the program, in a new process group like a shell's. */
export class ProgramRun {
  private readonly messages: Partial<ProgramMessage>[] = [];
  private readonly child: ChildProcess;
  readonly ended: Promise<void>;
  private wake: () => void = () => undefined;

  constructor(folder: string, options: object, account?: { uid: number; gid: number }) {
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const program = spawn(process.execPath, ['program.js', JSON.stringify(options)], {
      cwd: folder,
      detached: true,
      stdio,
      ...account,
    });
    this.child = program;
    this.ended = new Promise((end) => program.once('close', () => end()));
    createInterface(program.stdout).on('line', (line) => {
      this.messages.push(JSON.parse(line) as Partial<ProgramMessage>);
      this.wake();
    });
    void this.ended.then(() => this.wake());
  }

  /** The first message that has one of the keys. */
  async said<Key extends keyof ProgramMessage>(...keys: Key[]): Promise<Partial<ProgramMessage>> {
    for (;;) {
      const message = this.messages.find((candidate) => keys.some((key) => key in candidate));
      if (message) return message;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`exited without writing ${keys.join(' or ')}`);
      await new Promise<void>((next) => (this.wake = next));
    }
  }

  get lines(): string[] {
    return this.messages.flatMap(({ line }) => line ?? []);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }

  /** Sends SIGINT to the process group, like Ctrl-C in a terminal. */
  interruptGroup(): void {
    process.kill(-this.pid, 'SIGINT');
  }
}
