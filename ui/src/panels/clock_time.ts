/** A moment as people read it: the time of day, with milliseconds. */
export function clockTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** A length of time: 12 µs, 3.4 ms, 1.2 s. */
export function duration(seconds: number): string {
  if (seconds < 0.001) {
    return `${Math.round(seconds * 1e6)} µs`;
  }
  return seconds < 1 ? `${(seconds * 1000).toPrecision(2)} ms` : `${seconds.toPrecision(3)} s`;
}
