// What is told apart by the names of requests.
import assert from "node:assert/strict";
import test from "node:test";
import { ByRequest, checked, isTold, narrow, notGood } from "../../../gluten/webui/static/js/requests/named.js";
import { Rows } from "../../../gluten/webui/static/js/lib/rows.js";

const row = (second, more = {}) => ({
  ...{ second, asked: 30, completed: 30, good: 29, status: { 200: 30 }, errors: {} },
  by_request: { home: { completed: 20, good: 20, p50: 7, status: { 200: 20 } }, order: { completed: 10, good: 9 } },
  ...more,
});

test("a row of one request has its figures alone, and no asked rate", () => {
  const found = narrow(row(3), "home");
  assert.deepEqual(
    [found.second, found.completed, found.good, found.p50, found.asked, found.status],
    [3, 20, 20, 7, null, { 200: 20 }],
  );
});

test("a second without a request has none of it", () => {
  const found = narrow(row(3, { by_request: undefined, drain: true }), "home");
  assert.deepEqual([found.completed, found.failed, found.status, found.drain], [0, 0, {}, true]);
});

test("charts show all requests, or the one that is chosen, and what comes later too", () => {
  const named = new ByRequest(new Rows());
  named.take([row(0)]);
  assert.equal(named.shown.list[0].completed, 30);
  named.choose("order");
  named.take([row(1)]);
  assert.deepEqual(
    named.shown.list.map(({ completed }) => completed),
    [10, 10],
  );
  assert.equal(named.all.list.length, 2, "the figures of the whole run stay");
  named.choose("");
  assert.equal(named.shown, named.all);
});

test("the end of load is known to the request that is chosen, too", () => {
  const named = new ByRequest(new Rows());
  named.choose("home");
  named.take([row(0), row(1)]);
  named.endAt(1.5, 1.5);
  assert.deepEqual([named.shown.isWhole(0), named.shown.isWhole(1)], [true, false]);
});

test("a chart that follows is drawn from the rows of the request that is chosen", () => {
  const named = new ByRequest(new Rows());
  named.take([row(0)]);
  const spec = named.follow({ series: (rows) => [{ values: rows.column([0], (each) => each.completed) }] });
  assert.deepEqual(spec.series(null, [0])[0].values, [30]);
  named.choose("home");
  assert.deepEqual(spec.series(null, [0])[0].values, [20]);
});

test("what is not good failed, or was answered otherwise than expected", () => {
  assert.deepEqual(notGood({ completed: 90, good: 80, failed: 10 }), { errors: 20, of: 100 });
});

test("checks are told by those that failed", () => {
  assert.equal(checked(12, 0, String), "✓ 12");
  assert.equal(checked(9, 3, String), "✗ 3 of 12");
  assert.equal(checked(0, 0, String), "");
});

test("a table by request is there for more than one, or for checks", () => {
  const one = { checks_passed: 0, checks_failed: 0 };
  assert.ok(!isTold(undefined));
  assert.ok(!isTold([one]));
  assert.ok(isTold([one, one]));
  assert.ok(isTold([{ ...one, checks_failed: 1 }]));
});
