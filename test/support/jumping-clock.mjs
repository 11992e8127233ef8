/**
 * Imported before a program (`--import`) to shift its wall clock: each SIGUSR2 sets the next offset in seconds from the JSON
 * list CLOCK_JUMPS and prints it. Timers and the monotonic clock do not change.
 */
const jumps = JSON.parse(process.env.CLOCK_JUMPS);
const TrueDate = Date;
let offMs = 0;

globalThis.Date = class Date extends TrueDate {
  constructor(...parts) {
    if (parts.length === 0) super(TrueDate.now() + offMs);
    else super(...parts);
  }

  static now() {
    return TrueDate.now() + offMs;
  }
};

process.on('SIGUSR2', () => {
  const seconds = jumps.shift();
  offMs = seconds * 1000;
  process.stdout.write(`clock off by ${seconds} s\n`);
});
