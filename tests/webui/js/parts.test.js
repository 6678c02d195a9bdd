// Parts of charts, without a canvas: axes, the words of marks, how a page is looked at, rate against p99.
import assert from "node:assert/strict";
import test from "node:test";
import { host } from "../../../gluten/webui/static/js/charts/kinds/host.js";
import { pointsOf } from "../../../gluten/webui/static/js/charts/kinds/knee.js";
import { marksOf, once, placed } from "../../../gluten/webui/static/js/charts/marks.js";
import { logMarks, logSpan } from "../../../gluten/webui/static/js/charts/parts/logaxis.js";
import { Look } from "../../../gluten/webui/static/js/charts/parts/look.js";
import { byteSplits, splits } from "../../../gluten/webui/static/js/charts/parts/rates.js";
import { Rows } from "../../../gluten/webui/static/js/lib/rows.js";

test("rates along an axis are round, and few", () => {
  assert.deepEqual(splits(0, 12_800), [0, 5000, 10_000]);
  assert.deepEqual(splits(11_900, 12_900), [12_000, 12_200, 12_400, 12_600, 12_800]);
  assert.deepEqual(splits(0, 0.5), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
});

test("bytes along an axis are round in 1,024s", () => {
  const MB = 1024 ** 2;
  assert.deepEqual(byteSplits(8.1 * MB), [0, 2 * MB, 4 * MB, 6 * MB, 8 * MB]);
  assert.deepEqual(byteSplits(1.1 * MB), [0, 0.25, 0.5, 0.75, 1].map((part) => part * MB)); // prettier-ignore
  assert.deepEqual(byteSplits(500), [0, 100, 200, 300, 400, 500]);
  assert.deepEqual(byteSplits(null).at(-1), 1);
});

test("a logarithmic axis ends at round values around what it shows", () => {
  const rows = [
    [[1834, 30_000], [1000, 50_000]],
    [[1000, 1000], [500, 2000]],
    [[0.3, 7], [0.2, 10]],
    [[null, null], [100, 10_000]],
  ]; // prettier-ignore
  for (const [[low, high], wanted] of rows) assert.deepEqual(logSpan(low, high), wanted, `${low} to ${high}`);
});

test("it has at least three labels, and no more than it needs", () => {
  const rows = [
    [[1000, 50_000], [1000, 3000, 10_000, 30_000]],
    [[1, 1e6], [1, 10, 100, 1000, 10_000, 100_000, 1e6]],
    [[100, 10_000], [100, 1000, 10_000]],
    [[1000, 5000], [1000, 2000, 5000]],
    [[500, 1000], [500, 700, 1000]],
  ]; // prettier-ignore
  for (const [[min, max], wanted] of rows) {
    const shown = logMarks({ min, max }).map((mark) => Number(mark.toPrecision(6)));
    assert.deepEqual(shown, wanted, `${min} to ${max}`);
  }
});

test("an event is marked by its word, and told in full; what every run has is not marked", () => {
  const events = [
    { second: 0, kind: "started", text: "load began" },
    { second: 65, kind: "node_lost", text: "node a was lost" },
    { second: null, kind: "failed", text: "before the start" },
  ];
  assert.deepEqual(marksOf(events), [
    { second: 65, ink: "bad", word: "node lost", text: "1:05: node a was lost" },
  ]); // prettier-ignore
});

test("a word stands right of its mark, left of it at the end, below another one, and else nowhere", () => {
  const words = (...list) => list.map(([x, ink = "c2"]) => ({ x, width: 40, word: `at ${x}`, ink }));
  const where = (...list) =>
    placed(words(...list), { left: 0, width: 200 }, 4).map(({ x, left, line }) => [x, left, line]);
  assert.deepEqual(where([50], [190]), [[50, 54, 0], [190, 146, 0]]); // prettier-ignore
  assert.deepEqual(where([50], [60], [70]), [[50, 54, 0], [60, 64, 1]]); // prettier-ignore
  assert.deepEqual(where([10], [11], [12]), [[10, 14, 0], [11, 15, 1]]); // prettier-ignore
  assert.deepEqual(where([10], [11, "warn"], [12, "bad"]).map(([x]) => x), [12, 11]); // prettier-ignore
});

test("what nodes say in one second stands there once, and that they took a rate does not", () => {
  const marks = marksOf(
    ["adjusted", "adjust_taken", "gap", "gap"].map((kind) => ({ second: 5, kind, text: `${kind} of a node` })),
  );
  assert.equal(marks.length, 4);
  assert.deepEqual(once(marks).map(({ word }) => word), ["adjusted", "seconds missing"]); // prettier-ignore
});

test("how a page is looked at goes into its address and comes back", () => {
  const written = [];
  const look = new Look("", (text) => written.push(text));
  look.zoom([8.123, 24]);
  look.turn("turned", "latency");
  look.turn("off", "latency/p99.9");
  look.choose("order <b>");
  const again = new Look(written.at(-1));
  assert.deepEqual([again.view, again.of], [[8.12, 24], "order <b>"]);
  assert.deepEqual([[...again.turned], [...again.off]], [["latency"], ["latency/p99.9"]]); // prettier-ignore
  look.zoom(null);
  look.turn("turned", "latency");
  look.turn("off", "latency/p99.9");
  look.choose("");
  assert.equal(written.at(-1), "");
});

test("an address that makes no sense is read as none", () => {
  for (const text of ["from=x&to=9", "from=9&to=3", "from=1", "from=&to=", "from=1&to=Infinity"]) {
    assert.equal(new Look(text).view, null, text);
  }
});

test("charts of another axis have a view of their own, and the page's scales", () => {
  const written = [];
  const look = new Look("from=3&to=9", (text) => written.push(text));
  const other = look.apart();
  assert.equal(other.view, null);
  other.zoom([0, 0.5]);
  other.turn("turned", "percentiles");
  assert.equal(written.at(-1), "from=3&to=9&scale=percentiles");
});

function seconds(...list) {
  const rows = new Rows();
  rows.take(list.map((row, second) => ({ second, completed: 10, asked: null, p99: 1000, ...row })));
  return rows;
}

test("each whole second with answers is a point: by what was asked, or by what was done", () => {
  const rows = seconds({ asked: 30, p99: 9 }, { asked: 20, p99: 5 }, { completed: 0, asked: 25 }, { asked: 5 }, {});
  rows.endAt(3.4, 4);
  const points = (hasSessions) => pointsOf(rows, rows.axis(), hasSessions).map(({ rate, p99 }) => [rate, p99]);
  assert.deepEqual(points(false), [[20, 5], [30, 9]]); // prettier-ignore
  assert.deepEqual(points(true), [[10, 9], [10, 5]]); // prettier-ignore
});

test("the load's own machines: host CPU, the busiest worker, steal", () => {
  const rows = seconds({ host_cpu: 0.5, cpu: 0.9, steal: 0.01 });
  assert.deepEqual(
    host.series(rows, rows.axis()).map((line) => line.values),
    [[0.5], [0.9], [0.01]],
  );
});
