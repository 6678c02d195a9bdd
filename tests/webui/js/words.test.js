// States, colours and what a task asks for, in words.
import assert from "node:assert/strict";
import test from "node:test";
import * as asked from "../../../gluten/webui/static/js/lib/asked.js";
import { address } from "../../../gluten/webui/static/js/lib/chosen.js";
import { colorOf } from "../../../gluten/webui/static/js/lib/palette.js";
import * as states from "../../../gluten/webui/static/js/lib/states.js";
import { cluster } from "../../../gluten/webui/static/js/widgets/cluster.js";
import { summary } from "../../../gluten/webui/static/js/widgets/summary.js";

test("only three states of a run are final", () => {
  const over = ["queued", "starting", "running", "stopping", "finished", "stopped", "failed"];
  assert.deepEqual(
    over.filter((state) => states.isOver({ state })),
    ["finished", "stopped", "failed"],
  );
});

test("a state that nobody knows has no colour", () => {
  assert.equal(states.runClass("running"), "good live");
  assert.equal(states.nodeClass("lost"), "bad");
  assert.equal(states.verdictClass("invalid"), "bad");
  for (const of of [states.runClass, states.nodeClass, states.verdictClass]) assert.equal(of("new"), "");
});

test("a run without a name has its URL for one", () => {
  assert.equal(states.runName({ name: "", url: "http://t/" }), "http://t/");
  assert.equal(states.runName({ name: "nightly", url: "http://t/" }), "nightly");
});

test("ten runs have ten colours, then they come again", () => {
  const colors = Array.from({ length: 10 }, (_, index) => colorOf(index));
  assert.equal(new Set(colors).size, 10);
  assert.equal(colorOf(10), colorOf(0));
});

test("a comparison's address has its runs in order", () => {
  assert.equal(address([3, 1]), "/compare?runs=3,1");
  assert.equal(address([]), "/compare");
});

const TASK = { threads: 2, connections: null, duration: 10, requests: null, rate: null, stages: [], method: "GET" };

test("connections are elastic where a rate is asked and no number of them", () => {
  assert.equal(asked.isElastic(TASK), false);
  assert.equal(asked.isElastic({ ...TASK, rate: 100 }), true);
  assert.equal(asked.isElastic({ ...TASK, rate: 100, connections: 5 }), false);
  assert.equal(asked.isPaced({ ...TASK, stages: [[0, 1]] }), true);
});

test("what a task leaves open is told as such", () => {
  assert.equal(asked.threads({ ...TASK, threads: null }), "a thread for each core");
  assert.equal(asked.threads({ ...TASK, threads: 1 }), "1 thread");
  assert.equal(asked.connections(TASK), "at least 10 connections");
  assert.equal(asked.connections({ ...TASK, rate: 5 }), "elastic connections");
  assert.equal(asked.connections({ ...TASK, connections: 1200 }), "1,200 connections");
});

test("a task is told in one sentence", () => {
  assert.equal(
    summary(TASK, null),
    "GET over at least 10 connections from 2 threads, for 10s, as fast as answers come.",
  );
  assert.equal(
    summary({ ...TASK, rate: 500 }, 5000),
    "GET over elastic connections from 2 threads, for 10s, at 500 requests/s: 5,000 requests are planned.",
  );
});

test("with scenarios a task is told by its sessions", () => {
  const users = { ...TASK, workload: "…", requests: 300 };
  assert.equal(
    summary({ ...users, rate: 50 }, 300, "session"),
    "Sessions over elastic connections from 2 threads, for 10s or until 300 sessions, at 50 sessions/s: " +
      "300 sessions are planned.",
  );
  assert.match(summary(users, null, "session"), /^Sessions over .* as fast as answers come[.]$/);
});

test("the cluster is told in one line, with what is wrong in it", () => {
  const well = { nodes: 1, cores: 8, cpu: 0.123, versions: ["1.0"], states: { alive: 1 } };
  assert.equal(cluster(well), "1 node · 8 cores for load · CPU 12 %");
  const ill = { nodes: 3, cores: 8, cpu: null, versions: ["1.0", "1.1"], states: { alive: 1, lost: 2 } };
  assert.equal(cluster(ill), "3 nodes · 2 lost · 8 cores for load · versions 1.0, 1.1");
});
