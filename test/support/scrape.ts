import { send } from './http-client.js';

/** Reads the metrics like Prometheus on the same machine. */
export async function scrape(base: string): Promise<string> {
  const { status, text } = await send(base, '/metrics');
  if (status !== 200) throw new Error(`the scrape was answered ${status}: ${text}`);
  return text;
}

/** The sum of all series with the name and labels; NaN if there are none. */
export function valueIn(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const values = lines.filter((line) => wanted.every((label) => line.includes(label))).map(valueOf);
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
}

function valueOf(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
