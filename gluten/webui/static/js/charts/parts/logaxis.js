// A logarithmic axis between round values, however little or much lies between them.
const ROUND = [1, 2, 5, 10];
const MARKS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]; // of each power of ten; the first that has enough
const ENOUGH = 3;
const EPS = 1e-9; // logarithms are not exact

// The round values around two positive ones. uPlot gives null for both where there is nothing to show.
/**
 * @param {number | null} low
 * @param {number | null} high
 * @returns {Span}
 */
export function logSpan(low, high) {
  if (!low || !high || low <= 0) return [100, 10_000];
  const [from, to] = [below(low), above(high)];
  return from < to ? [from, to] : [from / 2, to * 2];
}

/** @param {number} value */
function below(value) {
  const power = 10 ** Math.floor(Math.log10(value) + EPS);
  return power * Math.max(...ROUND.filter((digit) => digit <= (value / power) * (1 + EPS)));
}

/** @param {number} value */
function above(value) {
  const power = 10 ** Math.floor(Math.log10(value) + EPS);
  return power * Math.min(...ROUND.filter((digit) => digit >= (value / power) * (1 - EPS)));
}

// What stands beside the axis.
/** @param {{ min?: number | null, max?: number | null }} scale */
export function logMarks({ min, max }) {
  const [low, high] = [min || 1, max || 1];
  const first = Math.floor(Math.log10(low) + EPS);
  const powers = Array.from({ length: Math.ceil(Math.log10(high / low)) + 2 }, (_, index) => 10 ** (first + index));
  /** @type {(digits: number[]) => number[]} */
  const within = (digits) =>
    powers
      .flatMap((power) => digits.map((digit) => power * digit))
      .filter((mark) => mark >= low * (1 - EPS) && mark <= high * (1 + EPS));
  return MARKS.map(within).find((marks) => marks.length >= ENOUGH) ?? within(MARKS[MARKS.length - 1]);
}
