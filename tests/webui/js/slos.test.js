// How an SLO stands, in words.
import assert from "node:assert/strict";
import test from "node:test";
import * as slos from "../../../gluten/webui/static/js/lib/slos.js";

/** @param {Partial<Slo>} [more] */
const slo = (more) => ({
  slo: "p99 < 2ms", state: "holds", value: 1500, limit: 2000, sure: null, since: null, unit: "microseconds", ...more,
}); // prettier-ignore

test("a value and its limit have their unit", () => {
  assert.equal(slos.valueOf(slo()), "1.50 ms");
  assert.equal(slos.limitOf(slo()), "2.00 ms");
  assert.equal(slos.valueOf(slo({ unit: "share", value: 0.0125 })), "1.25 %");
  assert.equal(slos.valueOf(slo({ unit: "per second", value: 1500 })), "1,500/s");
  assert.equal(slos.valueOf(slo({ unit: "count", value: 7 })), "7");
  assert.equal(slos.valueOf(slo({ value: null })), "–");
});

test("a run that is over has missed what is missed, and with slo_sure what is not sure", () => {
  const list = [slo(), slo({ state: "missed" }), slo({ sure: false }), slo({ sure: true })];
  const missed = (state, sure, entries) => slos.missedBy({ state, slo: entries, task: { slo_sure: sure } });
  assert.deepEqual(missed("finished", false, list), [list[1]]);
  assert.deepEqual(missed("stopped", true, list), [list[1], list[2]]);
  assert.deepEqual(missed("running", true, list), []);
  assert.deepEqual(missed("finished", true, undefined), []);
});

test("a mark and a word for each state", () => {
  const states = ["holds", "missed", "unmeasured"].map((state) => slo({ state }));
  assert.deepEqual(states.map(slos.markOf), ["✓", "✗", "·"]);
  assert.deepEqual(states.map(slos.stateOf), ["holds", "missed", "not measured yet"]);
});

test("beside it stand the request, since when, and that it is not sure", () => {
  assert.equal(slos.notesOf(slo()), "");
  assert.equal(slos.notesOf(slo({ state: "missed", since: 0, sure: false })), "since second 0, not sure");
  assert.equal(slos.notesOf(slo({ request: "pay" })), "of pay");
});

test("what is missed comes first, and is counted", () => {
  const [held, missed] = [slo(), slo({ state: "missed", slo: "errors < 1%" })];
  assert.deepEqual(slos.inOrder([held, missed]), [missed, held]);
  assert.equal(slos.summary([held, missed]), "1 of 2 missed");
  assert.equal(slos.summary([held, held]), "all hold");
  assert.equal(slos.summary([held, slo({ state: "unmeasured" })]), "1 of 2 hold");
});
