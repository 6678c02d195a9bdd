// What became of requests. An error is what is not good, of what was answered or failed. It has two parts:
// "failed" got no answer, "bad status" got one with a status of 400 or more. Where checks decide what is good, the
// second part is not the same as that of the bad statuses: it is "not good".
import { integer, percent } from "./format.js";

/** @typedef {{ failed: number, bad: number, errors: number, of: number, word?: string }} Outcome */

const BAD = 400;
const FAILED_CHECK = "failed check";
const UNEXPECTED = "not good";
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
  const found = { failed, bad, errors: failed + bad, of: completed + failed };
  return item.status && bad !== badOf(item.status) ? { ...found, word: UNEXPECTED } : found;
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
export function parts({ failed, bad, word = "bad status" }, format = integer) {
  return [failed ? `${format(failed)} failed` : "", bad ? `${format(bad)} ${word}` : ""].filter(Boolean).join(" · ");
}

// The errors of one second by kind. Where fewer answers are good than have a good status, checks failed. Where more
// are, some of the bad statuses were expected; which of them, the row does not tell. A row is never changed, so each is
// looked at once.
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
function kindsIn({ errors, status, completed, good }) {
  const bad = Object.entries(status ?? {}).filter(([code]) => Number(code) >= BAD);
  const byStatus = Object.fromEntries(bad.map(([code, count]) => [`status ${code}`, count]));
  const wrong = typeof good === "number" ? completed - good : badOf(status);
  const more = wrong - badOf(status);
  if (more > 0) return { ...errors, ...byStatus, [FAILED_CHECK]: more };
  if (more < 0) return wrong ? { ...errors, [UNEXPECTED]: wrong } : errors;
  return bad.length ? { ...errors, ...byStatus } : errors;
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
