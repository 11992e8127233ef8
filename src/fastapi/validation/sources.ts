import { FilePart, type FormFields } from '../body/form-fields.js';
import { MASK } from '../errors/validation-error.js';
import { parseLossless } from '../json/json-scanner.js';
import { LosslessObject } from '../json/lossless-json.js';
import type { ModelField } from './model.js';

/** A source from which the fields of a model are read, and which echoes the received input in errors. */
export interface Source {
  /** The first part of an error's `loc`. */
  readonly location: 'body' | 'query' | 'path';
  has(name: string): boolean;
  get(name: string): unknown;
  /** The input of a field, as a 422 shows it. */
  echo(field: ModelField): unknown;
  /** The whole input, as a 422 shows it for a missing field. */
  echoAll(fields: readonly ModelField[]): unknown;
}

/** A JSON object. Its echo is parsed from the text, because a JavaScript object loses digits and the order of keys. */
export class JsonSource implements Source {
  readonly location = 'body';
  private lossless: LosslessObject | undefined;

  constructor(
    private readonly value: Record<string, unknown>,
    private readonly text: string,
  ) {}

  has(name: string): boolean {
    return Object.hasOwn(this.value, name);
  }

  get(name: string): unknown {
    return this.has(name) ? this.value[name] : undefined;
  }

  echo({ name, secret }: ModelField): unknown {
    return secret ? MASK : maskJson(this.document().get(name));
  }

  echoAll(fields: readonly ModelField[]): unknown {
    const echoed = new LosslessObject();
    for (const name of this.document().keys()) {
      const declared = fields.find((field) => field.name === name);
      echoed.set(name, declared ? (this.echo(declared) as string) : MASK);
    }
    return echoed;
  }

  private document(): LosslessObject {
    this.lossless ??= parseLossless(this.text) as LosslessObject;
    return this.lossless;
  }
}

/** Masks all values of objects, because an undeclared value may be a password under a misspelt name. */
export function maskJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskJson);
  if (!(value instanceof LosslessObject)) return value;
  const masked = new LosslessObject();
  for (const name of value.keys()) masked.set(name, MASK);
  return masked;
}

/**
 * A form. An empty value counts as absent, as in FastAPI. A name that is repeated, with or without brackets after it,
 * is read as a list and thus rejected (RFC 6749 section 3.2).
 */
export class FormSource implements Source {
  readonly location = 'body';

  constructor(private readonly fields: FormFields) {}

  has(name: string): boolean {
    const values = this.valuesOf(name);
    return values.length > 1 || (values.length === 1 && values[0] !== '');
  }

  get(name: string): unknown {
    const values = this.valuesOf(name);
    return values.length === 1 ? values[0] : values;
  }

  echo({ name, secret }: ModelField): unknown {
    if (secret) return MASK;
    const exact = this.fields.get(name) ?? [];
    const shown = exact.map((value) => (value instanceof FilePart ? { filename: value.filename } : value));
    // A name with brackets is not declared, so its value may be a secret.
    const others = this.valuesOf(name).slice(exact.length);
    return shown.length === 1 && others.length === 0 ? shown[0] : [...shown, ...others.map(() => MASK)];
  }

  echoAll(): unknown {
    return null;
  }

  private valuesOf(name: string): (string | FilePart)[] {
    const values = this.fields.get(name) ?? [];
    if (values.length === 0) return values;
    const bracketed = [...this.fields].filter(([other]) => other.startsWith(`${name}[`));
    return [...values, ...bracketed.flatMap(([, more]) => more)];
  }
}

/** The query string or the parameters of the path. The last value of a repeated name counts, as in FastAPI. */
export class ParameterSource implements Source {
  constructor(
    readonly location: 'query' | 'path',
    private readonly parameters: Readonly<Record<string, unknown>>,
  ) {}

  has(name: string): boolean {
    return Object.hasOwn(this.parameters, name);
  }

  get(name: string): unknown {
    const value = this.has(name) ? this.parameters[name] : undefined;
    return Array.isArray(value) ? value.at(-1) : value;
  }

  echo({ name, secret }: ModelField): unknown {
    return secret ? MASK : this.get(name);
  }

  echoAll(): unknown {
    return null;
  }
}
