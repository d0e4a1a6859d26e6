/** A number in few characters: 950, 1.2k, 3.4M. */
export function short(number: number): string {
  if (number < 10 && !Number.isInteger(number)) {
    return String(Number(number.toFixed(1)));
  }
  if (number < 1000) {
    return String(Math.round(number));
  }
  const [scaled, unit] = number < 1_000_000 ? [number / 1000, "k"] : [number / 1_000_000, "M"];
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
}
