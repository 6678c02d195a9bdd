// The seconds of a run, as they arrive.
import assert from "node:assert/strict";
import test from "node:test";
import { Rows } from "../../../gluten/webui/static/js/lib/rows.js";

const row = (second, more = {}) => ({ second, completed: 10, good: 10, status: { 200: 10 }, ...more });

function of(...list) {
  const rows = new Rows();
  rows.take(list);
  return rows;
}

test("rows are in the order of their seconds, and a later one replaces an earlier one", () => {
  const rows = of(row(2), row(0), row(1));
  rows.take([row(1, { completed: 20 })]);
  assert.deepEqual(
    rows.list.map(({ second, completed }) => [second, completed]),
    [
      [0, 10],
      [1, 20],
      [2, 10],
    ],
  );
});

test("what came back after the end of load is no second of load", () => {
  const rows = of(row(0), row(1), row(2, { drain: true }));
  assert.equal(rows.last.second, 1);
  assert.deepEqual(
    rows.drain.map(({ second }) => second),
    [2],
  );
  assert.deepEqual(rows.statuses, { 200: 30 });
});

test("an old row tells by its second that load had ended", () => {
  const rows = of(row(0, { good: null }), row(1, { good: null }), row(2, { good: null }));
  assert.equal(rows.list.length, 3);
  rows.endAt(2, 2);
  assert.equal(rows.list.length, 2);
});

test("the newest second grows until one after it is there", () => {
  const rows = of(row(0), row(1));
  assert.ok(rows.grows);
  assert.equal(rows.settled.second, 0);
  rows.take([row(2, { drain: true })]);
  assert.equal(rows.settled.second, 1);
});

test("a missing second is a gap on the axis", () => {
  const rows = of(row(0), row(2));
  const axis = rows.axis();
  assert.deepEqual(axis, [0, 1, 2]);
  assert.deepEqual(
    rows.column(axis, (each) => each.completed),
    [10, null, 10],
  );
});

test("a second that is not whole has no rate", () => {
  const rows = of(row(0), row(1), row(2));
  rows.endAt(2.5, 3);
  const completed = (each) => each.completed;
  assert.deepEqual(rows.rate(rows.axis(), completed), [10, 10, null]);
  assert.deepEqual(rows.column(rows.axis(), completed), [10, 10, 10]);
});

test("the highest of a figure is null only where there is no second", () => {
  assert.equal(
    of().most((each) => each.backlog),
    null,
  );
  assert.equal(
    of(row(0), row(1, { backlog: 5 })).most((each) => each.backlog),
    5,
  );
});

test("kinds are those with most, in an order of their own", () => {
  const rows = of(row(0, { errors: { b: 1, a10: 5, a9: 4 } }), row(1, { errors: { b: 1 } }));
  assert.deepEqual(
    rows.kinds((each) => each.errors, 2),
    ["a9", "a10"],
  );
  assert.deepEqual(
    rows.totals((each) => each.errors),
    { b: 2, a10: 5, a9: 4 },
  );
});
