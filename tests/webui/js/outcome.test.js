// What became of requests: failed ones, and answers with a bad status.
import assert from "node:assert/strict";
import test from "node:test";
import * as outcome from "../../../gluten/webui/static/js/lib/outcome.js";

test("an error is a failure or a bad status, of all that were answered or failed", () => {
  const found = outcome.outcome({ completed: 90, failed: 10, good: 80 });
  assert.deepEqual(found, { failed: 10, bad: 10, errors: 20, of: 100 });
  assert.equal(outcome.share(found), "20.0 %");
  assert.equal(outcome.parts(found), "10 failed · 10 bad status");
});

test("without a count of good answers the statuses have it", () => {
  assert.equal(outcome.errorsOf({ completed: 10, failed: 0, status: { 200: 6, 404: 3, 500: 1 } }), 4);
  assert.equal(outcome.errorsOf({ completed: 10, failed: 0, good: null, status: { 399: 10 } }), 0);
});

test("without statuses every answer is good", () => {
  assert.deepEqual(outcome.outcome({ completed: 10 }), { failed: 0, bad: 0, errors: 0, of: 10 });
  assert.deepEqual(outcome.outcome({}), { failed: 0, bad: 0, errors: 0, of: 0 });
});

test("a part that is none is not told", () => {
  assert.equal(outcome.parts({ failed: 3, bad: 0 }), "3 failed");
  assert.equal(outcome.parts({ failed: 0, bad: 2 }, String), "2 bad status");
  assert.equal(outcome.parts({ failed: 0, bad: 0 }), "");
});

test("bad statuses are kinds of errors beside the failures", () => {
  const row = { errors: { timeout: 2 }, status: { 200: 5, 503: 1 } };
  assert.deepEqual(outcome.kindsOf(row), { timeout: 2, "status 503": 1 });
  assert.equal(outcome.kindsOf(row), outcome.kindsOf(row), "each row is looked at once");
});

test("statuses are told only where not all are 2xx, those first", () => {
  assert.equal(outcome.codes({ 200: 5, 204: 1 }), "");
  assert.equal(outcome.codes({ 200: 3, 404: 1 }), "404: 1 (25.0 %) · 200: 3 (75.0 %)");
});

test("many statuses are cut short", () => {
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [400 + index, 1]));
  assert.match(outcome.codes(many), / · and 2 more$/);
});

test("where checks decide, answers are not good", () => {
  const found = outcome.outcome({ completed: 10, failed: 0, good: 4, status: { 200: 10 } });
  assert.equal(outcome.parts(found), "6 not good");
});

test("failed checks are a kind of errors", () => {
  const row = { errors: {}, status: { 200: 8, 503: 2 }, completed: 10, good: 5 };
  assert.deepEqual(outcome.kindsOf(row), { "status 503": 2, "failed check": 3 });
});

test("a bad status that was expected is no error", () => {
  const status = { 200: 8, 404: 2 };
  assert.deepEqual(outcome.kindsOf({ errors: {}, status, completed: 10, good: 10 }), {});
  assert.deepEqual(outcome.kindsOf({ errors: {}, status, completed: 10, good: 9 }), { "not good": 1 });
});
