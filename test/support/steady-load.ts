import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request of a load, and its expected status. */
export interface LoadRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** Called for each request. */
  body?: () => object;
  expected: number;
  /** Percentage of requests that are this one. */
  share: number;
}

type SingleRequest = Omit<LoadRequest, 'share'>;

/** A failed request. */
export interface LoadFailure {
  request: string;
  /** The unexpected status, or the code of a connection error. */
  outcome: number | string;
  atMs: number;
  afterMs: number;
}

export interface SteadyLoadOptions {
  url: string;
  perSecond: number;
  requests: readonly LoadRequest[];
  /** A slow request that an additional client sends repeatedly, 100 ms after each response. */
  again?: SingleRequest;
  /** Without an agent each request opens a new connection. */
  agent?: http.Agent;
}

const PATIENCE_MS = 30_000;

/** Sends requests at a fixed rate that does not depend on responses, like many clients. Records failures. */
export class SteadyLoad {
  readonly failures: LoadFailure[] = [];
  sent = 0;
  answered = 0;
  slowestMs = 0;
  private readonly startedAt = performance.now();
  private readonly pending = new Set<Promise<void>>();
  private readonly plan: readonly LoadRequest[];
  private stopped = false;
  private readonly running: Promise<unknown>;

  constructor(private readonly options: SteadyLoadOptions) {
    this.plan = interleaved(options.requests);
    this.running = Promise.all([this.run(), this.runAgain()]);
  }

  /** Milliseconds since the start, like `atMs` of a failure. */
  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await Promise.all(this.pending);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const due = Math.floor(((performance.now() - this.startedAt) / 1000) * this.options.perSecond);
      for (; this.sent < due; this.sent += 1) this.sendNext();
      await sleep(2);
    }
  }

  private async runAgain(): Promise<void> {
    const { again } = this.options;
    if (!again) return;
    while (!this.stopped) {
      this.sent += 1;
      await this.send(again);
      await sleep(100);
    }
  }

  private sendNext(): void {
    const request = this.plan[this.sent % this.plan.length];
    if (!request) return;
    const sending = this.send(request);
    this.pending.add(sending);
    void sending.finally(() => this.pending.delete(sending));
  }

  private async send(request: SingleRequest): Promise<void> {
    const sentAt = performance.now();
    const outcome = await this.outcomeOf(request);
    const afterMs = performance.now() - sentAt;
    this.answered += 1;
    this.slowestMs = Math.max(this.slowestMs, afterMs);
    if (outcome === request.expected) return;
    const atMs = Math.round(sentAt - this.startedAt);
    const { method = 'GET', path } = request;
    this.failures.push({ request: `${method} ${path}`, outcome, atMs, afterMs: Math.round(afterMs) });
  }

  private async outcomeOf({ method = 'GET', path, headers, body }: SingleRequest): Promise<number | string> {
    const payload = body ? Buffer.from(JSON.stringify(body())) : undefined;
    const content = payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {};
    const { url, agent = false } = this.options;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const request = http.request(new URL(path, url), { method, agent, signal, headers: { ...headers, ...content } });
    try {
      request.end(payload);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response.statusCode ?? 0;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return signal.aborted ? 'no answer' : (code ?? message);
    }
  }
}

/** A hundred requests in which each kind has its share, evenly distributed. */
function interleaved(requests: readonly LoadRequest[]): LoadRequest[] {
  return requests
    .flatMap((request) =>
      Array.from({ length: request.share }, (_, index) => ({ request, at: (index + 0.5) / request.share })),
    )
    .toSorted((one, other) => one.at - other.at)
    .map(({ request }) => request);
}
