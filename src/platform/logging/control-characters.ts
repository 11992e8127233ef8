/** What JSON leaves as it is and a terminal may obey: C1 controls among them, of which one begins an escape sequence. */
const LEFT_BY_JSON = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Whatever moves a cursor, colours a terminal or ends a line, but for tabs. */
const CONTROL = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A line of JSON in which no control character stands for itself. */
export function escapeControls(json: string): string {
  return json.replace(LEFT_BY_JSON, escape);
}

/** A text of any origin as a person may see it at a terminal. */
export function escapeForTerminal(text: string): string {
  return text.replace(CONTROL, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
