// A slider's positions for rates: a hundred for each power of ten, so 1/s is as far from 10/s as 10k/s from 100k/s.
const DECADE = 100;
/** @type {Span} */
export const USUAL = [1, 1e6];
const DIGITS = 12; // of a product that a double keeps exact

/** @type {(rate: number) => number} */
export const positionOf = (rate) => Math.round(DECADE * Math.log10(rate));

// Two figures are as exact as a hand on a slider is.
/** @type {(position: number) => number} */
export const rateAt = (position) => Number((10 ** (position / DECADE)).toPrecision(2));

// The powers of ten between which a slider goes: a rate beyond them makes it longer.
/**
 * @param {number} rate
 * @param {Span} [range]
 * @returns {Span}
 */
export function bounds(rate, [low, high] = USUAL) {
  const power = Math.log10(rate);
  return [Math.min(low, 10 ** Math.floor(power)), Math.max(high, 10 ** Math.ceil(power))];
}

// The rate that a key makes of another one, or null where the key is none of a slider's.
/**
 * @param {number} rate
 * @param {string} key
 * @param {Span} range
 */
export function stepped(rate, key, [low, high]) {
  const made = STEPS[key]?.(rate, low, high);
  return made === undefined ? null : Math.min(high, Math.max(low, exact(made)));
}

/** @type {Record<string, (rate: number, low: number, high: number) => number>} */
const STEPS = {
  ArrowUp: up,
  ArrowRight: up,
  ArrowDown: down,
  ArrowLeft: down,
  PageUp: (rate) => rate * 2,
  PageDown: (rate) => rate / 2,
  Home: (rate, low) => low,
  End: (rate, low, high) => high,
};
/** @type {(value: number) => number} */
const exact = (value) => Number(value.toPrecision(DIGITS));
/** @type {(rate: number) => number} */
const second = (rate) => 10 ** (Math.floor(Math.log10(rate)) - 1);

/** @param {number} rate */
function up(rate) {
  const step = second(rate);
  return (Math.floor(exact(rate / step)) + 1) * step;
}

// Below a power of ten the second digit is a smaller one: 1,000 is followed by 990.
/** @param {number} rate */
function down(rate) {
  const step = exact(rate / second(rate)) > 10 ? second(rate) : second(rate) / 10;
  return (Math.ceil(exact(rate / step)) - 1) * step;
}
