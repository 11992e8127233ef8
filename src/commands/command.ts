/** An option of a command: `--json`, or `--anchor SEQ:HASH` when it has a value. */
export interface CommandOption {
  readonly about: string;
  /** What its value is called in the help; absent for a switch. */
  readonly value?: string;
}

/** What was given on the command line after the command's name. */
export interface CommandArguments {
  /** By name, without the dashes. A switch that is given is true. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly operands: readonly string[];
}

/** What a command writes to stdout, and the exit code of the process. */
export interface CommandResult {
  readonly text: string;
  /** 0 if absent. */
  readonly exitCode?: number;
}

/**
 * A command of `node dist/cli.js`. Its file is loaded for every help text: what `run` needs is imported there, when it
 * runs.
 */
export interface Command {
  readonly name: string;
  /** A sentence in the imperative. */
  readonly about: string;
  /** Further paragraphs for the help of this command alone. */
  readonly details?: string;
  readonly options?: Readonly<Record<string, CommandOption>>;
  /** Names of its operands. The last one may be repeated if it ends in `…`. */
  readonly operands?: readonly string[];
  /**
   * @param variables of the process, from which the settings are read
   * @throws ConfigurationError for arguments that it does not accept
   */
  run(given: CommandArguments, variables: NodeJS.ProcessEnv): Promise<CommandResult>;
}
