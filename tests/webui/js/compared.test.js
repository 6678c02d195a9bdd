// Runs side by side by the names of their requests.
import assert from "node:assert/strict";
import test from "node:test";
import { change, sharedNames } from "../../../gluten/webui/static/js/requests/compared.js";
import { noise } from "../../../gluten/webui/static/js/widgets/differences.js";

const pair = (key, ...names) => ({
  differences: [],
  unlike: [],
  [key]: names.map((name) => ({ name, differences: [] })),
});

test("names that every pair has are compared", () => {
  for (const key of ["by_request", "by_scenario"]) {
    assert.deepEqual(sharedNames([pair(key, "a", "b"), pair(key, "b", "c")], key), ["b"]);
    assert.deepEqual(sharedNames([{ differences: [], unlike: [] }], key), []);
    assert.deepEqual(sharedNames([], key), []);
  }
});

test("what is not judged says so, and nothing of noise", () => {
  assert.equal(noise({ what: "requests/s", exceeds_noise: null, judged: false }), "not judged");
  assert.equal(noise({ what: "p99", exceeds_noise: null, judged: true }), "too few seconds to say");
  assert.equal(noise({ what: "p99", exceeds_noise: false, judged: true }), "within noise");
});

test("a change is a share, of errors points", () => {
  assert.equal(change({ what: "p99", a: 10, change: 0.125 }), "+12.5 %");
  assert.equal(change({ what: "p99", a: 10, change: -0.125 }), "-12.5 %");
  assert.equal(change({ what: "errors", a: 0, change: 0.01 }), "+1.00 points");
  assert.equal(change({ what: "p99", a: 10, change: 0 }), "the same");
});
