// What a task asks for, in words.
import assert from "node:assert/strict";
import test from "node:test";
import { connections } from "../../../gluten/webui/static/js/lib/asked.js";

const TASK = { connections: 10, rate: null, stages: [] };

test("over HTTP/2 the connections are told with their streams", () => {
  assert.equal(connections(TASK), "10 connections");
  assert.equal(connections({ ...TASK, http2: false, streams: 1 }), "10 connections");
  assert.equal(connections({ ...TASK, http2: true, streams: 1 }), "10 connections (HTTP/2, 1 stream each)");
  assert.equal(
    connections({ ...TASK, connections: null, rate: 5, http2: true, streams: 10 }),
    "elastic connections (HTTP/2, 10 streams each)",
  );
});
