/** Characters that JSON does not escape and a terminal may interpret. A C1 control can begin an escape sequence. */
const LEFT_BY_JSON = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Characters that control a terminal or end a line, except tabs. */
const CONTROL = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Escapes the control characters in a line of JSON. */
export function escapeControls(json: string): string {
  return json.replace(LEFT_BY_JSON, escape);
}

/** Escapes a string from any source, so that it is safe to show at a terminal. */
export function escapeForTerminal(text: string): string {
  return text.replace(CONTROL, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
