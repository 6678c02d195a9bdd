// What a report carries for its charts: rows come out as they went in.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import test from "node:test";
import { rowsOf, unpack } from "../../../gluten/webui/static/js/run/packed.js";

test("what was packed is unpacked", async () => {
  const value = { columns: { second: [0, 1] }, name: "ü</script>" };
  assert.deepEqual(await unpack(deflateSync(JSON.stringify(value)).toString("base64")), value);
});

test("columns become rows, and a row has no key for what it lacks", () => {
  const columns = { second: [0, 1], p99: [5, null], status: { 200: [3, null] }, heat: [[4, 1], null] };
  assert.deepEqual(rowsOf(columns, 2), [
    { second: 0, p99: 5, status: { 200: 3 }, heat: [4, 1] },
    { second: 1, status: {} },
  ]);
});

test("any name is a key", () => {
  const columns = JSON.parse('{"second": [0], "by_request": {"__proto__": {"completed": [7]}}}');
  const [row] = rowsOf(columns, 1);
  assert.deepEqual(Object.keys(row.by_request), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(row.by_request), Object.prototype);
});
