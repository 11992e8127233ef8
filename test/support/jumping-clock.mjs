/**
 * Imported before a program (`--import`), moves its wall clock: each SIGUSR2 sets it off by the next of the seconds in
 * CLOCK_JUMPS, a JSON list, and says so on stdout. Timers and the monotonic clock go on as they were.
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
