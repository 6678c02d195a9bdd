// Sessions on the page of a run: a typical one as bars, and the chart of those at once.
import assert from "node:assert/strict";
import test from "node:test";
import { backlog, sessionBacklog } from "../../../gluten/webui/static/js/charts/backlog.js";
import { sessions } from "../../../gluten/webui/static/js/charts/sessions.js";
import { throughput, unplanned } from "../../../gluten/webui/static/js/charts/throughput.js";
import { planned } from "../../../gluten/webui/static/js/lib/asked.js";
import { Rows } from "../../../gluten/webui/static/js/lib/rows.js";
import { barsOf, lengthOf, placeOf, repeated } from "../../../gluten/webui/static/js/sessions/waterfall.js";

const REQUESTS = [
  { name: "login", completed: 10, p50: 250000 },
  { name: "never", completed: 0, p50: 0 },
];
const step = (name, pause = 0, times = 1) => ({ step: name, pause, times });
const row = (second, more = {}) => ({ second, asked: 50, completed: 90, begun: 49, active: 20 + second, ...more });
const rowsOf = (...list) => {
  const rows = new Rows();
  rows.take(list);
  return rows;
};

test("a request has its median, a pause its mean, and each begins where the one before ends", () => {
  assert.deepEqual(barsOf([step("login"), step(null, 2), step("login", 0, 2)], REQUESTS), [
    { name: "login", times: 1, each: 250000, start: 0, length: 250000 },
    { name: null, times: 1, each: 2e6, start: 250000, length: 2e6 },
    { name: "login", times: 2, each: 250000, start: 2250000, length: 500000 },
  ]);
});

test("a request without an answer has no length, and no time to show", () => {
  for (const name of ["never", "unknown"]) {
    const [bar] = barsOf([step(name)], REQUESTS);
    assert.deepEqual([bar.each, bar.length], [null, 0]);
  }
});

test("bars lie within the session, and each can be seen", () => {
  const bars = barsOf([step("login"), step(null, 5000), step("never"), step("login")], REQUESTS);
  const places = bars.map((bar) => placeOf(bar, lengthOf(bars)));
  for (const [start, width] of places) assert.ok(start >= 0 && width >= 0.3 && start + width <= 100 + 1e-9);
  assert.deepEqual(placeOf(barsOf([step("never")], REQUESTS)[0], 0), [0, 0.3]);
});

test("how often a step comes is told where that is not once", () => {
  assert.deepEqual([1, 2.5, 0.75, 1 / 3].map(repeated), ["", "× 2.5", "× 0.75", "× 0.333"]);
});

test("the chart of sessions has those at once, those begun, and what was asked", () => {
  const lines = sessions.series(rowsOf(row(0), row(1)), [0, 1]);
  assert.deepEqual(
    lines.map(({ label, values }) => [label, values]),
    [
      ["at once", [20, 21]],
      ["begun", [49, 49]],
      ["asked", [50, 50]],
    ],
  );
  const closed = sessions.series(rowsOf(row(0, { asked: null })), [0]);
  assert.deepEqual(
    closed.map(({ label }) => label),
    ["at once", "begun"],
  );
});

test("the rate of sessions that is asked for is not drawn beside requests", () => {
  const rows = rowsOf(row(0));
  assert.deepEqual(
    unplanned.series(rows, [0]).map(({ label }) => label),
    ["achieved"],
  );
  assert.equal(throughput.series(rows, [0]).length, 2);
});

test("with scenarios the plan is one of sessions", () => {
  assert.equal(planned({ planned: 1200 }, null), "1,200");
  assert.equal(planned({ planned: null }, undefined), "no schedule");
  assert.equal(planned({ planned: null }, { planned: 1200 }), "1,200 sessions");
  assert.equal(planned({ planned: null }, { planned: null }), "no schedule");
});

test("the backlog of sessions has the sessions that never began", () => {
  const lines = sessionBacklog.series(rowsOf(row(0, { backlog: 3, dropped: 0, sessions_dropped: 2 })), [0]);
  assert.deepEqual(
    lines.map(({ values }) => values),
    [[3], [2]],
  );
  assert.deepEqual([backlog.unit, sessionBacklog.unit], ["requests", "sessions"]);
});
