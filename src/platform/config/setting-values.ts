/** The values of all settings by name, for code that knows a setting only by its name. */
export class SettingValues {
  constructor(private readonly settings: object) {}

  /** @throws RangeError if no setting with this name has a number as its value */
  number(name: string): number {
    const value: unknown = Reflect.get(this.settings, name);
    if (typeof value !== 'number') throw new RangeError(`${name} is not a setting with a number`);
    return value;
  }
}
