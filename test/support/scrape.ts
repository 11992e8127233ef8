import { send } from './http-client.js';

/** The metrics as Prometheus would read them on this machine. */
export async function scrape(base: string): Promise<string> {
  const { status, text } = await send(base, '/metrics');
  if (status !== 200) throw new Error(`the scrape was answered ${status}: ${text}`);
  return text;
}

/** The value of the one line with that name and all of these labels, or their sum when there are more; NaN when none. */
export function valueIn(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const values = lines.filter((line) => wanted.every((label) => line.includes(label))).map(valueOf);
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}

function valueOf(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
