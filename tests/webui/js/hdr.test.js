// Histograms in HdrHistogram's encoding, and percentiles of them.
import assert from "node:assert/strict";
import test from "node:test";
import { decode, quantiles, size } from "../../../gluten/webui/static/js/lib/hdr.js";

// As gluten/stats/hdr.py encodes 1 (5 times), 2047 (2), 2048 (3), 5000 (1), 1,000,000 (7), and 12,345,678 (1,000,000).
const ENCODED = "HISTFAAAADB4nJNpmSzMwMAgyAABzFCaEURcm7yEwf4DVIDrpzwL20Fhpt9VfI2WDZ1VAM2rCls=";
const PAIRS = [
  [1, 5],
  [2047, 2],
  [2049, 3],
  [5003, 1],
  [1000447, 7],
  [12353535, 1_000_000],
];

test("what the master encodes is read slot by slot", async () => {
  assert.deepEqual(await decode(ENCODED), PAIRS);
});

test("all counts together are the size", () => {
  assert.equal(size(PAIRS), 1_000_018);
  assert.equal(size([]), 0);
});

test("a percentile is the lowest value at or below which so many lie", () => {
  const pairs = [
    [10, 50],
    [20, 49],
    [30, 1],
  ];
  assert.deepEqual(quantiles(pairs, [0, 0.5, 0.501, 0.99, 0.991, 1]), [10, 10, 20, 20, 30, 30]);
});

test("nothing has no percentile", () => {
  assert.deepEqual(quantiles([], [0.5, 1]), [null, null]);
});
