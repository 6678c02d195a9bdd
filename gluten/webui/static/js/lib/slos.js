// How an SLO stands, in words.
import { isOver } from "./states.js";
import { DASH, exactly, integer, micros, short } from "./format.js";

/** @type {Record<string, string>} */
const MARKS = { holds: "✓", missed: "✗" };
/** @type {Record<string, string>} */
const WORDS = { holds: "holds", missed: "missed", unmeasured: "not measured yet" };

/** @type {Record<string, (value: number) => string>} */
const UNITS = {
  microseconds: micros,
  share: (value) => `${exactly(value * 100)} %`,
  "per second": (value) => `${short(value)}/s`,
  count: (value) => integer(value),
};

/** @param {Slo} slo */
export const markOf = (slo) => MARKS[slo.state] ?? "·";

/** @param {Slo} slo */
export const stateOf = (slo) => WORDS[slo.state] ?? slo.state;

// A percentile that falls among failed requests has no value.
/** @param {Slo} slo */
export const valueOf = (slo) => (slo.value === null || slo.value === undefined ? DASH : UNITS[slo.unit](slo.value));

/** @param {Slo} slo */
export const limitOf = (slo) => UNITS[slo.unit](slo.limit);

// Of which request, since when, and whether the count decides it.
/** @param {Slo} slo */
export function notesOf(slo) {
  const since = slo.state === "missed" && typeof slo.since === "number" ? `since second ${slo.since}` : "";
  return [slo.request ? `of ${slo.request}` : "", since, slo.sure === false ? "not sure" : ""]
    .filter(Boolean)
    .join(", ");
}

// The missed ones first, else in their order.
/** @param {Slo[]} slos */
export const inOrder = (slos) => [...slos].sort((a, b) => Number(b.state === "missed") - Number(a.state === "missed"));

// Those that a run that is over has missed; a strict one counts what is not decided, too.
/** @type {(run: Run) => Slo[]} */
export const missedBy = ({ state, slo = [], task }) =>
  isOver({ state }) ? slo.filter((one) => one.state === "missed" || (task.slo_sure && one.sure === false)) : [];

/** @param {Slo[]} slos */
export function summary(slos) {
  const missed = slos.filter((slo) => slo.state === "missed").length;
  if (missed) return `${missed} of ${slos.length} missed`;
  const unknown = slos.filter((slo) => slo.state !== "holds").length;
  return unknown ? `${slos.length - unknown} of ${slos.length} hold` : slos.length > 1 ? "all hold" : "holds";
}
