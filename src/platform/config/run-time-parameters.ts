/** Names and values of PostgreSQL's run-time parameters (PostgreSQL documentation, chapter 19). */
export type RunTimeParameters = Readonly<Record<string, string>>;

/** Parameters that the service sets itself, and the setting or reason for each. */
const RESERVED: Readonly<Record<string, string>> = {
  client_encoding: 'the service needs UTF8',
  datestyle: 'the service needs ISO',
  standard_conforming_strings: 'the service needs it on',
  statement_timeout: 'set DB_STATEMENT_TIMEOUT_MS',
  idle_in_transaction_session_timeout: 'set DB_STATEMENT_TIMEOUT_MS, from which it is derived',
};

/** A word of `options`: white space separates words unless a backslash precedes it. */
const WORD = /(?:\\[^]|[^\\\s])+/g;
const SETTING = /^(?:-c|--)([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)=([^]*)$/;

/**
 * Parses the command-line options that libpq passes on to the server, `-c name=value` and `--name=value`, by the rules
 * of the server (PostgreSQL documentation, "options" in section 34.1.2).
 *
 * @throws Error whose message shows nothing of the text but names of parameters
 */
export function parseOptions(text: string): RunTimeParameters {
  const words = (text.match(WORD) ?? []).map((word) => word.replace(/\\([^])/g, '$1'));
  const parameters: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, name, value] = SETTING.exec(word === '-c' ? `-c${words[(at += 1)] ?? ''}` : word) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error('contains something other than -c name=value or --name=value');
    }
    const parameter = name.replaceAll('-', '_').toLowerCase();
    const reason = RESERVED[parameter];
    if (reason !== undefined) throw new Error(`sets ${parameter}: ${reason}`);
    parameters[parameter] = value;
  }
  return parameters;
}
