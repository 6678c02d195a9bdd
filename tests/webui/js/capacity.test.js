// A search for the capacity: its words, its trials by rate, and the searches of a name.
import assert from "node:assert/strict";
import test from "node:test";
import { ByRate, byRate } from "../../../gluten/webui/static/js/capacity/charts.js";
import { changeOf, searches } from "../../../gluten/webui/static/js/capacity/searches.js";
import * as words from "../../../gluten/webui/static/js/capacity/words.js";

const trial = (rate, state, more) => ({
  rate, from: 0, to: 5, state, slo: null, p50: 1000, p95: 3000, p99: 4000, errors: 0, in_flight: 3, ...more,
}); // prettier-ignore
const found = (more) => ({ holds: 1000, misses: 1020, recovers: null, moved: false, trials: [], ...more });

test("a rate has four figures, and no rate is a dash", () => {
  const rows = [
    [12_400, "12,400/s"],
    [999.97, "1,000/s"],
    [123.4, "123/s"],
    [0.625, "0.625/s"],
    [12.3456, "12.35/s"],
    [null, "–"],
  ];
  for (const [rate, text] of rows) assert.equal(words.perSecond(rate), text);
});

test("an interval is open to the side that is not known", () => {
  assert.equal(words.intervalOf(found()), "1,000 to 1,020/s");
  assert.equal(words.intervalOf(found({ misses: null })), "at least 1,000/s");
  assert.equal(words.intervalOf(found({ holds: null })), "below 1,020/s");
  assert.equal(words.intervalOf(found({ holds: null, misses: null })), "no rate is known");
});

test("a later search differs where the intervals have nothing in common", () => {
  assert.deepEqual(changeOf(found(), found({ holds: 1010, misses: 1030 })), { share: 0.01, apart: false });
  assert.deepEqual(changeOf(found(), found({ holds: 500, misses: 510 })), { share: -0.5, apart: true });
  assert.deepEqual(changeOf(found(), found({ holds: 500, misses: null })), { share: -0.5, apart: false });
  assert.deepEqual(changeOf(found({ holds: null }), found()), { share: null, apart: null });
});

test("of a rate that was tried twice the last trial is on the line", () => {
  const rows = new ByRate();
  const trials = [trial(200, "misses", { p99: 9 }), trial(100, "holds"), trial(200, "holds", { p99: 5 })];
  rows.take(found({ trials }));
  assert.deepEqual(rows.axis(), [100, 200]);
  assert.deepEqual(rows.column(rows.axis(), (one) => one.p99), [4000, 5]); // prettier-ignore
  assert.equal(rows.trials.length, 3);
});

test("a trial in which nothing was answered has errors, and no time", () => {
  const rows = new ByRate();
  rows.take(found({ trials: [trial(100, "holds"), trial(200, "misses", { p50: 0, p95: 0, p99: 0, errors: 1 })] }));
  const lines = byRate(rows, () => []).flatMap((spec) => spec.series(rows, rows.axis()));
  assert.deepEqual(lines.map(({ label, values }) => [label, values]), [
    ["p50", [1000, null]], ["p95", [3000, null]], ["p99", [4000, null]], ["errors", [0, 1]], ["in flight", [3, 3]],
  ]); // prettier-ignore
});

test("the key of a chart shows the capacity", () => {
  const rows = new ByRate();
  rows.take(found({ holds: 100, trials: [trial(100, "holds"), trial(200, "misses")] }));
  assert.deepEqual([100, 200].map((rate) => rows.isWhole(rate)), [true, false]); // prettier-ignore
});

test("a limit of all requests' time is a line, others are not", () => {
  const rows = new ByRate();
  rows.take(found({ trials: [trial(100, "holds")] }));
  const slo = (text, unit, limit) => ({ slo: text, unit, limit });
  const list = [slo("p99 < 250ms", "microseconds", 250_000), slo("p99 of pay < 1s", "microseconds", 1e6)];
  const [times] = byRate(rows, () => [...list, slo("errors < 1%", "share", 0.01)]);
  const lines = times.series(rows, rows.axis());
  assert.deepEqual(lines.map(({ label }) => label), ["p50", "p95", "p99", "p99 < 250ms"]); // prettier-ignore
  assert.deepEqual(lines[3].values, [250_000]);
});

test("the searches of a name are those that found something, the oldest first", () => {
  const run = (number, more) => ({ number, name: "shop", state: "finished", capacity: found(), ...more });
  const runs = [
    run(5), run(4, { name: "shop, evening" }), run(3, { state: "running" }), run(2, { capacity: null }),
    run(1, { capacity: found({ holds: null }) }), run(0),
  ]; // prettier-ignore
  assert.deepEqual(searches(runs, "shop").map(({ number }) => number), [0, 5]); // prettier-ignore
});

test("what is to be known beside the answer", () => {
  assert.deepEqual(words.notesOf(found()), []);
  assert.equal(words.notesOf(found({ recovers: false, moved: true })).length, 2);
});
