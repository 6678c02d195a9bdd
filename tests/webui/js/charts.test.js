// What charts draw, without a canvas: layers, runs over each other, and views by the keyboard.
import assert from "node:assert/strict";
import test from "node:test";
import { errors } from "../../../gluten/webui/static/js/charts/errors.js";
import { legend } from "../../../gluten/webui/static/js/charts/heat.js";
import { nodeThroughput } from "../../../gluten/webui/static/js/charts/nodes.js";
import { overlaid, overlay } from "../../../gluten/webui/static/js/charts/overlay.js";
import { thinned } from "../../../gluten/webui/static/js/charts/parts/thinned.js";
import { stack } from "../../../gluten/webui/static/js/charts/stack.js";
import { steered } from "../../../gluten/webui/static/js/charts/steer.js";
import { throughput } from "../../../gluten/webui/static/js/charts/throughput.js";
import { Rows } from "../../../gluten/webui/static/js/lib/rows.js";

function of(...list) {
  const rows = new Rows();
  rows.take(list.map((row, second) => ({ second, completed: 10, good: 10, asked: null, ...row })));
  return rows;
}

const values = (series) => series.map((line) => [line.label, line.values]);

test("each layer stands on those below, and its key shows its own figure", () => {
  const rows = of({ status: { 200: 5, 404: 1 } }, { status: { 200: 7 } });
  const [below, above] = stack(rows, rows.axis(), (row) => row.status, ["200", "404"]);
  assert.deepEqual([below.values, below.shown], [[5, 7], [5, 7]]); // prettier-ignore
  assert.deepEqual([above.values, above.shown], [[6, 7], [1, 0]]); // prettier-ignore
  assert.deepEqual([below.band, above.band], [false, true]);
});

test("errors are stacked by kind, bad statuses among them", () => {
  const rows = of({ errors: { timeout: 2 }, status: { 200: 7, 500: 3 }, good: 7 });
  assert.deepEqual(
    errors.series(rows, rows.axis()).map((line) => [line.label, line.shown]),
    [
      ["status 500", [3]],
      ["timeout", [2]],
    ],
  );
});

test("the key of the heat map has whole counts, each once, the more the stronger", () => {
  // Shares of the most: 0, 1/4, 1/2, 3/4 and 1, each to the power of 2.5.
  for (const [most, counts] of [
    [1, [1]],
    [1.4, [1]],
    [5, [1, 2, 5]],
    [12.6, [1, 2, 6, 13]],
    [1000, [1, 31, 177, 487, 1000]],
  ]) {
    const found = legend(most);
    assert.deepEqual(
      found.map(([count]) => count),
      counts,
    );
    assert.ok(found.every(([, opacity], at) => opacity <= 1 && (!at || opacity > found[at - 1][1])));
  }
});

test("labels that have no room are left out, evenly", () => {
  const marks = [0, 8, 16, 24, 32];
  assert.deepEqual(thinned(marks, 8, 62), marks); // 64 px from one to the next
  assert.deepEqual(thinned(marks, 7, 62), [0, 16, 32]); // 56 px
  assert.deepEqual(thinned(marks, 1, 62), [0]); // 8 px: each eighth
  assert.deepEqual(thinned([5], 1, 62), [5]);
  assert.deepEqual(thinned([], 1, 62), []);
});

test("what was asked is drawn only of a run with a plan", () => {
  const closed = of({}, {});
  assert.deepEqual(values(throughput.series(closed, closed.axis())), [["achieved", [10, 10]]]);
  const paced = of({ asked: 12 });
  assert.deepEqual(values(throughput.series(paced, paced.axis())), [
    ["achieved", [10]],
    ["asked", [12]],
  ]);
});

test("many nodes are drawn as those with most, and the others together", () => {
  const nodes = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`n${index}`, { completed: index }]));
  const rows = of({ nodes });
  const series = nodeThroughput.series(rows, rows.axis());
  assert.equal(series.length, 8);
  assert.deepEqual(values(series).at(-1), ["3 others", [0 + 1 + 2]]);
});

test("runs lie over each other second by second, without a last part of one", () => {
  const seconds = [0, 1, 2].map((second) => ({ second, completed: second, failed: 0 }));
  const runs = [
    { label: "#1", color: "c1", report: { seconds, duration: 2.5 } },
    { label: "#2", color: "c2", report: { seconds: seconds.slice(0, 1), duration: 1 } },
  ];
  const rows = overlay(runs);
  assert.deepEqual(rows.axis(), [0, 1]);
  const [first] = overlaid(runs);
  assert.deepEqual(values(first.series(rows, rows.axis())), [
    ["#1", [0, 1]],
    ["#2", [0, null]],
  ]);
});

test("keys move and zoom the view, within what there is to see", () => {
  const whole = [0, 100];
  const rows = [
    ["+", null, [25, 75]],
    ["=", [40, 60], [45, 55]],
    ["+", [40, 41], [40, 41]],
    ["-", [40, 60], [30, 70]],
    ["_", [0, 60], null],
    ["-", null, null],
    ["ArrowLeft", [40, 60], [36, 56]],
    ["ArrowLeft", [1, 21], [0, 20]],
    ["ArrowRight", [90, 100], [90, 100]],
    ["ArrowRight", null, null],
    ["0", [1, 2], null],
    ["Escape", [1, 2], null],
    ["a", [1, 2], undefined],
  ];
  for (const [key, view, next] of rows) assert.deepEqual(steered(key, view, whole, 1), next, `${key} of ${view}`);
});
