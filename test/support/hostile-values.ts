import fc from 'fast-check';

export type Schema = Record<string, unknown>;

/** The value of every generated password, so that a response that echoes it is detected. */
export const CANARY = 'c4n4ry-of-the-fuzzer';

const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfffx',
  "' OR 1=1 --",
  '%00',
  '../../etc/passwd',
  '\r\nSet-Cookie: a=b',
  '<script>alert(1)</script>',
  '🦄',
  '٣',
  '\u200b\u202e',
  'İıſK',
  'user@example.com',
  '"quoted"@example.com',
  'a@xn--a.example',
  'NaN',
  '2147483648',
  'true',
  '{{7*7}}',
  'x'.repeat(73),
  'é'.repeat(300),
];

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

/** Any JSON value, with a bias towards values that often break programs. */
export const anyValue = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 31, -(2 ** 63), [], {}, [[]], {
    a: { b: [null] },
  }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly a value that fits the schema, sometimes any value. */
function valueOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: fittingValue(schema, name) }, { weight: 2, arbitrary: anyValue });
}

function fittingValue(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const choices = schema.anyOf as Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => fittingValue(choice, name)));
  if (name === 'password') return fc.constant(CANARY);
  if (name === 'email') return fc.constantFrom('fuzz@example.com', 'Fuzz@EXAMPLE.com', 'a@b.co', 'ä@example.com');
  if (name === 'grant_type') return fc.constant('password');
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer();
    case 'array':
      return fc.array(valueOf((schema.items as Schema | undefined) ?? {}, ''), { maxLength: 4 });
    default:
      return fc.oneof(fc.constantFrom('fuzz', 'john', 'secure123'), fc.string({ minLength: 3, maxLength: 20 }));
  }
}

/** An object with some of the schema's properties and some unknown ones. */
export function objectOf({ properties = {} }: Schema): fc.Arbitrary<Record<string, unknown>> {
  const known = Object.entries(properties as Record<string, Schema>).map(([name, schema]) => [
    name,
    valueOf(schema, name),
  ]);
  const declared = fc.record(Object.fromEntries(known) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
  const surplus = fc.dictionary(fc.constantFrom('__proto__', 'constructor', 'is_superuser', 'id', 'x', ''), anyValue, {
    maxKeys: 2,
  });
  return fc.tuple(declared, surplus).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
}
