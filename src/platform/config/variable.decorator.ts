import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { parseBoolean, parseInteger } from './parsers.js';

/** The declaration of one environment variable, for the loader, `.env.example` and `docs/configuration.md`. */
export interface VariableOptions {
  /** Heading under which the variable is documented. */
  group: string;
  /** The meaning of the variable, with its unit, in one or two sentences for an operator. */
  about: string;
  /** A description of valid values, for the message that rejects an invalid one: `a port from 0 to 65535`. */
  expected: string;
  /**
   * Converts the string to a value; throws or returns undefined if it is invalid. By default the value is the string.
   */
  parse?: (text: string) => unknown;
  /** The reason why a string is invalid, without any part of a secret; undefined if `expected` is enough. */
  explain?: (text: string) => string | undefined;
  /** Another name that is read if this one is absent. */
  alias?: string;
  /** The value when the variable is absent or empty; absent means that the variable is optional. */
  default?: unknown;
  /** The default as the documents show it, if it differs from the value. */
  defaultText?: string;
  /** The value in `.env.example`; the default if absent. */
  example?: string;
  /** Never shown in a message or a log line. */
  secret?: boolean;
}

export interface Variable extends VariableOptions {
  name: string;
}

const declared = new Map<object, Variable[]>();

/** Declares a property of a settings class as an environment variable of the same name. */
export function Variable(options: VariableOptions): PropertyDecorator {
  return (target, name) => {
    const variables = declared.get(target.constructor) ?? [];
    variables.push({ ...options, name: String(name) });
    declared.set(target.constructor, variables);
  };
}

interface IntegerOptions extends Pick<VariableOptions, 'group' | 'about' | 'alias'> {
  /** The thing or unit that is counted: `a port`, `seconds`. */
  what: string;
  /** Smallest and largest value. */
  from: number;
  to: number;
  default: number;
}

/** A whole number in a range. */
export function IntegerVariable({ what, from, to, ...options }: IntegerOptions): PropertyDecorator {
  return all(
    Variable({ ...options, expected: `${what} from ${from} to ${to}`, parse: parseInteger }),
    IsInt(),
    Min(from),
    Max(to),
  );
}

/** True or False. */
export function BooleanVariable(
  options: Pick<VariableOptions, 'group' | 'about'> & { default: boolean },
): PropertyDecorator {
  const defaultText = options.default ? 'True' : 'False';
  return all(Variable({ ...options, expected: 'True or False', parse: parseBoolean, defaultText }), IsBoolean());
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, name) => {
    for (const decorator of decorators) decorator(target, name);
  };
}

/** The variables of every settings class that has been imported. */
export function declaredVariables(): readonly Variable[] {
  return [...declared.values()].flat();
}

/** The variables that a class declares itself, in their order. */
export function declaredOn(variables: object): readonly Variable[] {
  return declared.get(variables) ?? [];
}
