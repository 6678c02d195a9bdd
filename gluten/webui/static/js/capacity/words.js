// A search for the capacity in words: its rates, its limit, the states of its trials.
import { DASH, integer, missing, percent, span } from "../lib/format.js";

/** @type {Record<string, string>} */
const MARKS = { holds: "✓", misses: "✗" };
/** @type {Record<string, string>} */
const LIMITS = { target: "the target", generator: "a generator", asked: "what was asked" };

// Four figures: a search is not more exact. Without its unit, which a heading has.
/** @param {Maybe<number>} value */
export function rateOf(value) {
  if (missing(value)) return DASH;
  return value >= 100 ? integer(value) : String(Number(value.toPrecision(4)));
}

/** @type {(value: Maybe<number>) => string} */
export const perSecond = (value) => (missing(value) ? DASH : `${rateOf(value)}/s`);

/** @param {CapacityTrial} trial */
export const markOf = (trial) => MARKS[trial.state] ?? "·";

// How long its window is.
/** @type {(trial: CapacityTrial) => number} */
export const lengthOf = ({ from, to }) => Math.max(0, to - from);

/** @type {(limit: Maybe<string>) => string} */
export const limitOf = (limit) => (limit ? (LIMITS[limit] ?? limit) : DASH);

/** @type {(share: Maybe<number>) => string} */
export const errorsOf = (share) => (missing(share) ? DASH : percent(share, 1));

// `12,400/s to 12,650/s`; open to the side that is not known.
/** @type {(found: Pick<Capacity, "holds" | "misses">) => string} */
export function intervalOf({ holds, misses }) {
  if (missing(holds)) return missing(misses) ? "no rate is known" : `below ${perSecond(misses)}`;
  return missing(misses) ? `at least ${perSecond(holds)}` : `${rateOf(holds)} to ${perSecond(misses)}`;
}

// A trial that is under way, or the last one.
/** @param {CapacityTrial} trial */
export const trialOf = (trial) => `${trial.state} after ${span(lengthOf(trial))}`;

// What is to be known beside the answer.
/** @param {Pick<Capacity, "recovers" | "moved">} found */
export function notesOf({ recovers, moved }) {
  return [recovers === false ? UNRECOVERED : "", moved ? MOVED : ""].filter(Boolean);
}

const UNRECOVERED =
  "The target does not recover: after a rate that it does not hold, it is not what it was at lower rates, either.";
const MOVED = "The capacity moved during the search: what held at first did not hold when it was repeated.";
