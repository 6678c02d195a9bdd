// Where an axis of rates or bytes has its labels.
const MARKS = 5; // at most so many
const STEPS = [1, 2, 2.5, 5, 10];

// Round rates between the two.
/**
 * @param {number} low
 * @param {number} high
 */
export function splits(low, high) {
  const raw = (high - low) / MARKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (STEPS.find((one) => one * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

// From 0 on, round in thousands of 1,024.
/** @param {Maybe<number>} high */
export function byteSplits(high) {
  const unit = 1024 ** Math.floor(Math.log2(Math.max(1, high || 1)) / 10);
  return splits(0, (high || 1) / unit).map((mark) => mark * unit);
}
