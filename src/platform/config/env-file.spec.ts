import { parseEnvFile } from './env-file.js';

const settings = (text: string, processVariables = {}) =>
  Object.fromEntries(parseEnvFile(text, processVariables).values);

describe('parseEnvFile', () => {
  // The expected values are those of python-dotenv 1.2.4 (`dotenv_values`), without names that have no value.
  it.each<[string, string, Record<string, string>]>([
    ['a plain value', 'A=b', { A: 'b' }],
    ['spaces around name and value', '  A = b c  ', { A: 'b c' }],
    ['export', 'export A=b', { A: 'b' }],
    ['a name that begins with export', 'exportA=b', { exportA: 'b' }],
    ['an empty value', 'A=\nB=', { A: '', B: '' }],
    ['a second equals sign', 'A=b=c', { A: 'b=c' }],
    ['# within a value', 'A=pa#ss', { A: 'pa#ss' }],
    ['# at the start of a value', 'A=#ss', { A: '#ss' }],
    ['a comment after white space', 'A=b #c', { A: 'b' }],
    ['a comment instead of a value', 'A= #c', { A: '' }],
    ['a comment line', '# A=b\n  # B=c\nC=d', { C: 'd' }],
    ['a quoted value with #', 'A="b #c"\nB=\'d #e\'', { A: 'b #c', B: 'd #e' }],
    ['a comment after quotes', 'A="b"#c\nB=\'d\' # e', { A: 'b', B: 'd' }],
    ['spaces within quotes', 'A="  b  "\nB=\'  c  \'', { A: '  b  ', B: '  c  ' }],
    ['empty quotes', 'A=""\nB=\'\'', { A: '', B: '' }],
    ['double quotes over several lines', 'A="b\nc\n"\nD=e', { A: 'b\nc\n', D: 'e' }],
    ['single quotes over several lines', "A='b\nc'\nD=e", { A: 'b\nc', D: 'e' }],
    ['escapes in double quotes', 'A="\\n\\r\\t\\"\\\\\\\'\\x\\$"', { A: '\n\r\t"\\\'\\x\\$' }],
    ['rare escapes in double quotes', 'A="\\a\\b\\f\\v"', { A: '\u0007\b\f\u000b' }],
    ['escapes in single quotes', "A='\\'\\\\\\n'", { A: "'\\\\n" }],
    ['escapes without quotes', 'A=b\\n\\"c', { A: 'b\\n\\"c' }],
    ['quotes within a value', 'A=b"c"\nB=d\'e', { A: 'b"c"', B: "d'e" }],
    ['a byte order mark', '\ufeffA=b', { A: 'b' }],
    ['Windows newlines', 'A=b\r\nB="c\r\nd"\r\n\r\nC=e\r\n', { A: 'b', B: 'c\nd', C: 'e' }],
    ['classic Mac OS newlines', 'A=b\rB=c', { A: 'b', B: 'c' }],
    ['a repeated name', 'A=b\nB=c\nA=d', { A: 'd', B: 'c' }],
    ['a name without a value', 'A\nB=c', { B: 'c' }],
    ['a quoted name', "'A'=b", { A: 'b' }],
    ['a JSON list', 'A=["http://a:1","http://b"]', { A: '["http://a:1","http://b"]' }],
    ['a variable from an earlier line', 'A=b\nC=${A}/${A}', { A: 'b', C: 'b/b' }],
    ['a variable in any quotes', 'A=b\nC="${A}"\nD=\'${A}\'', { A: 'b', C: 'b', D: 'b' }],
    ['an unknown variable', 'A=[${NOPE}]', { A: '[]' }],
    ['an unknown variable with a default', 'A=${NOPE:-b c}', { A: 'b c' }],
    ['an empty variable with a default', 'A=\nB=${A:-c}', { A: '', B: '' }],
    ['a variable from a later line', 'A=[${B}]\nB=c', { A: '[]', B: 'c' }],
    ['a dollar sign alone', 'A=pa$$word$B', { A: 'pa$$word$B' }],
    ['text after a closing quote', 'A="b" c\nD=e', { D: 'e' }],
    ['an open quote', 'A="b\nD=e', { D: 'e' }],
    ['a name of two words', 'A B=c\nD=e', { D: 'e' }],
    ['no name', '=b\nD=e', { D: 'e' }],
    ['a YAML line', 'A: b\nD=e', { D: 'e' }],
  ])('reads %s as python-dotenv does', (_, text, expected) => {
    expect(settings(text)).toEqual(expected);
  });

  it('keeps the order of the file', () => {
    expect([...parseEnvFile('B=1\nA=2\nB=3').values.keys()]).toEqual(['B', 'A']);
  });

  it('unsets a name without a value, even if an earlier line sets it', () => {
    expect(settings('A=b\nA')).toEqual({});
  });

  it('reads an empty file', () => {
    expect(parseEnvFile('')).toEqual({ values: new Map(), unreadableLines: [] });
    expect(parseEnvFile('\n \n\t')).toEqual({ values: new Map(), unreadableLines: [] });
  });

  it('prefers the variables of the process in an interpolation, unless they are empty', () => {
    expect(settings('A=file\nB=${A}', { A: 'process' })).toEqual({ A: 'file', B: 'process' });
    expect(settings('A=file\nB=${A}', { A: '' })).toEqual({ A: 'file', B: 'file' });
    expect(settings('B=${A:-c}', { A: 'process' })).toEqual({ B: 'process' });
  });

  it('does not interpolate within an interpolated value', () => {
    expect(settings('B=${A}', { A: '${C}', C: 'd' })).toEqual({ B: '${C}' });
  });

  it.each<[string, string, number[]]>([
    ['an open quote', 'A=b\nC="d\nE=f', [2]],
    ['text after a closing quote', '\n\nA="b" c', [3]],
    ['text after a quote over several lines', 'A="b\n" c\nD=e', [1]],
    ['a name of two words', 'A B=c', [1]],
    ['no name', '=b\nC=d\n=e', [1, 3]],
    ['a YAML line', 'A: b', [1]],
  ])('reports the line of %s', (_, text, expected) => {
    expect(parseEnvFile(text).unreadableLines).toEqual(expected);
  });

  it('accepts comments, empty lines and names without a value', () => {
    expect(parseEnvFile('# a b\n\n  # c\nexport D\nE=f # g').unreadableLines).toEqual([]);
  });
});
