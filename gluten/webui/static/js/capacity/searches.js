// Searches beside each other: those of a name, and whether the capacity of one differs from that of another.
import { missing } from "../lib/format.js";
import { isOver } from "../lib/states.js";

/** @typedef {Run & { capacity: Capacity }} Search a run that is over, with its answer */

// The oldest first. Those that found nothing are left out.
/**
 * @param {Run[]} runs
 * @param {string} name
 * @returns {Search[]}
 */
export function searches(runs, name) {
  return runs
    .filter((run) => run.name === name && isOver(run) && !missing(run.capacity?.holds))
    .map((run) => /** @type {Search} */ (run))
    .sort((a, b) => a.number - b.number);
}

// By how much the capacity of a later search differs from that of an earlier one: not at all where their intervals
// overlap.
/**
 * @param {Capacity} before
 * @param {Capacity} after
 */
export function changeOf(before, after) {
  if (!before.holds || !after.holds) return { share: null, apart: null };
  const share = (after.holds - before.holds) / before.holds;
  return { share, apart: isBelow(before, after) || isBelow(after, before) };
}

/** @type {(low: Capacity, high: Capacity) => boolean} */
const isBelow = (low, high) => !missing(low.misses) && !missing(high.holds) && low.misses <= high.holds;
