// Numbers and times as people read them.
import assert from "node:assert/strict";
import test from "node:test";
import * as format from "../../../gluten/webui/static/js/lib/format.js";

// What each function makes of a value.
const TABLE = {
  integer: [
    [1234567, "1,234,567"],
    [0, "0"],
    [1.5, "2"],
  ],
  exactly: [
    [1.23456, "1.235"],
    [1000, "1,000"],
  ],
  short: [
    [0, "0"],
    [0.12345, "0.123"],
    [99.54, "99.5"],
    [9999, "9,999"],
    [12345, "12.3k"],
    [123456, "123k"],
    [1.5e6, "1.50M"],
    [2e9, "2.00G"],
  ],
  micros: [
    [0, "0"],
    [0.5, "0.50 µs"],
    [15, "15.0 µs"],
    [1834, "1.83 ms"],
    [999_000, "999 ms"],
    [2_500_000, "2.50 s"],
    [61_000_000, "1m 01s"],
  ],
  bytes: [
    [512, "512 B"],
    [1536, "1.50 KB"],
    [3 * 1024 ** 3, "3.00 GB"],
  ],
  span: [
    [0, "0 s"],
    [0.25, "250 ms"],
    [2.5, "2.5 s"],
    [65, "1m 05s"],
    [3700, "1h 01m"],
  ],
};

for (const [name, rows] of Object.entries(TABLE)) {
  test(`${name} gives a value as people read it`, () => {
    for (const [value, text] of rows) assert.equal(format[name](value), text);
  });

  test(`${name} gives a dash for what is not there`, () => {
    for (const value of [null, undefined, NaN]) assert.equal(format[name](value), format.DASH);
  });
}

test("a share is exact only where it is all or nothing", () => {
  const rows = [
    [0, 5, "0 %"],
    [5, 5, "100 %"],
    [1, 3, "33.3 %"],
    [1, 300, "0.33 %"],
    [1, 1e6, "< 0.01 %"],
    [1, 0, format.DASH],
    [null, 5, format.DASH],
  ];
  for (const [part, total, text] of rows) assert.equal(format.percent(part, total), text);
});

test("a second of the run is told as on a clock", () => {
  const rows = [
    [7, "7s"],
    [65, "1:05"],
    [3605, "1:00:05"],
    [-5, "-5s"],
  ];
  for (const [second, text] of rows) assert.equal(format.clock(second), text);
});

test("a length is told as the command line reads it", () => {
  const rows = [
    [0.5, "500ms"],
    [10, "10s"],
    [90, "1m30s"],
    [3600, "1h"],
    [null, ""],
  ];
  for (const [seconds, text] of rows) assert.equal(format.asked(seconds), text);
});
