// What became of requests. An error is what is not good, of what was answered or failed. It has two parts:
// "failed" got no answer, "bad status" got one with a status of 400 or more.
import { integer, percent } from "./format.js";

/** @typedef {{ failed: number, bad: number, errors: number, of: number }} Outcome */

const BAD = 400;
const MOST = 8; // statuses in a line

// item: a run, a row, a node, a window, or {...report.requests, status}. One that was stored before `good` was
// counted has it from its statuses; where it has none, every answer counts as good.
/**
 * @param {Outcomes} item
 * @returns {Outcome}
 */
export function outcome(item) {
  const { completed = 0, failed = 0 } = item;
  const bad = completed - (item.good ?? completed - badOf(item.status));
  return { failed, bad, errors: failed + bad, of: completed + failed };
}

/** @type {(status: Maybe<Counts>) => number} */
export const badOf = (status) =>
  Object.entries(status ?? {}).reduce((sum, [code, count]) => sum + (Number(code) >= BAD ? count : 0), 0);

/** @type {(item: Outcomes) => number} */
export const errorsOf = (item) => outcome(item).errors;

/** @type {(outcome: Outcome) => string} */
export const share = ({ errors, of }) => percent(errors, of);

// "12 failed · 2,822 bad status", without the part that is none.
/**
 * @param {Outcome} outcome
 * @param {(value: number) => string} [format]
 */
export function parts({ failed, bad }, format = integer) {
  return [failed ? `${format(failed)} failed` : "", bad ? `${format(bad)} bad status` : ""].filter(Boolean).join(" · ");
}

// The errors of one second by kind. A row is never changed, so each is looked at once.
/** @type {WeakMap<Row, Counts>} */
const kinds = new WeakMap();

/** @param {Row} row */
export function kindsOf(row) {
  if (!kinds.has(row)) kinds.set(row, kindsIn(row));
  return kinds.get(row);
}

/**
 * @param {Row} row
 * @returns {Counts}
 */
function kindsIn({ errors, status }) {
  const bad = Object.entries(status ?? {}).filter(([code]) => Number(code) >= BAD);
  return bad.length
    ? { ...errors, ...Object.fromEntries(bad.map(([code, count]) => [`status ${code}`, count])) }
    : errors;
}

// Counts by status in words, those that are not 2xx first; empty where all are 2xx.
/** @param {Counts} status */
export function codes(status) {
  const known = Object.entries(status).sort((a, b) => Number(is2xx(a)) - Number(is2xx(b)) || b[1] - a[1]);
  if (known.every(is2xx)) return "";
  const total = known.reduce((sum, [, count]) => sum + count, 0);
  const named = known.slice(0, MOST).map(([code, count]) => `${code}: ${integer(count)} (${percent(count, total)})`);
  return [...named, known.length > MOST ? `and ${known.length - MOST} more` : ""].filter(Boolean).join(" · ");
}

/** @type {(entry: [code: string, count: number]) => boolean} */
const is2xx = ([code]) => code[0] === "2";
