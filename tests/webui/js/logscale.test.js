// A slider for rates, whose steps are as wide as the rate is high.
import assert from "node:assert/strict";
import test from "node:test";
import { bounds, positionOf, rateAt, stepped } from "../../../gluten/webui/static/js/lib/logscale.js";

const RANGE = [1, 1e6];

test("each power of ten has a hundred positions", () => {
  for (const [rate, position] of [
    [1, 0],
    [10, 100],
    [1000, 300],
    [1e6, 600],
  ]) {
    assert.equal(positionOf(rate), position);
    assert.equal(rateAt(position), rate);
  }
});

test("a position is a rate of two figures", () => {
  for (let position = 0; position <= 600; position += 1) {
    const rate = rateAt(position);
    assert.equal(Number(rate.toPrecision(2)), rate);
  }
});

test("a rate beyond the ends makes the slider longer, by whole powers of ten", () => {
  assert.deepEqual(bounds(500), RANGE);
  assert.deepEqual(bounds(2e6), [1, 1e7]);
  assert.deepEqual(bounds(0.05), [0.01, 1e6]);
});

test("a key steps by the second figure, and never leaves the slider", () => {
  const rows = [
    ["ArrowUp", 1000, 1100],
    ["ArrowRight", 1050, 1100],
    ["ArrowDown", 1000, 990],
    ["ArrowLeft", 1050, 1000],
    ["ArrowDown", 1, 1],
    ["ArrowUp", 1e6, 1e6],
    ["PageUp", 300, 600],
    ["PageDown", 300, 150],
    ["Home", 300, 1],
    ["End", 300, 1e6],
    ["a", 300, null],
  ];
  for (const [key, rate, next] of rows) assert.equal(stepped(rate, key, RANGE), next, key);
});

test("up and down again is where it began", () => {
  for (const rate of [1, 1.1, 9.9, 10, 99, 100, 120_000, 990_000]) {
    assert.equal(stepped(stepped(rate, "ArrowUp", RANGE), "ArrowDown", RANGE), rate);
  }
});
