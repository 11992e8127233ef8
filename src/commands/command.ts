/** An option of a command: `--json`, or `--anchor SEQ:HASH` when it has a value. */
export interface CommandOption {
  readonly about: string;
  /** The name of its value in the help. Absent for a switch. */
  readonly value?: string;
}

/** The arguments after the command's name. */
export interface CommandArguments {
  /** Options by name, without the dashes. The value of a switch is true. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly operands: readonly string[];
}

/** The output of a command on stdout, and the exit code of the process. */
export interface CommandResult {
  readonly text: string;
  /** 0 if absent. */
  readonly exitCode?: number;
}

/**
 * A command of `node dist/cli.js`. Its file is loaded for every help text, so `run` imports its dependencies when it is
 * called.
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
   * @param variables the environment of the process, from which the settings are read
   * @throws ConfigurationError for invalid arguments
   */
  run(given: CommandArguments, variables: NodeJS.ProcessEnv): Promise<CommandResult>;
}
