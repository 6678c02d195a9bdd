// A task in the form's fields, and back.
import assert from "node:assert/strict";
import test from "node:test";
import { gather, prefill, worded } from "../../../gluten/webui/static/js/widgets/taskform.js";

const TASK = {
  url: "http://t.test/",
  threads: 2,
  connections: null,
  duration: 90,
  requests: null,
  rate: null,
  stages: [],
  method: "GET",
  body: "",
  headers: [["Accept", "text/html"]],
  timeout: 0.5,
  keepalive: true,
  http2: false,
  streams: 1,
  insecure: false,
  secret: false,
  cacert: "",
  cert: "",
  key: "",
  resolve: [],
  max_body: 64 * 2 ** 20,
  name: "",
  on_loss: "continue",
  split: "cores",
  seed: 0,
  slo: [],
  slo_sure: false,
  trace: false,
  arrivals: "even",
  ramp: null,
  pace: null,
  warmup: null,
  drain: null,
  find_capacity: false,
  search_from: null,
  search_to: null,
  precision: 0.02,
  hold: 30,
  at_least: null,
  workload: "",
  env: {},
  files: {},
};
const FIELDS = [...Object.keys(TASK), "no_keepalive", "shape"];

// As an input of a page, it turns every value into a text.
class Input {
  checked = false;
  #text = "";

  get value() {
    return this.#text;
  }

  set value(value) {
    this.#text = String(value);
  }
}

function filled(task) {
  const elements = Object.fromEntries(FIELDS.map((name) => [name, new Input()]));
  const notes = prefill({ elements }, { ...TASK, ...task });
  return { notes, elements, task: gather({ elements }) };
}

test("SLOs stand one a line, and are asked for as a list", () => {
  const { elements, task } = filled({ slo: ["p99 < 250ms", "errors < 1%"], slo_sure: true, trace: true });
  assert.equal(elements.slo.value, "p99 < 250ms\nerrors < 1%");
  assert.deepEqual(task.slo, ["p99 < 250ms", "errors < 1%"]);
  assert.ok(task.slo_sure && task.trace);
});

test("HTTP/2 is asked for with its streams", () => {
  const { elements, task } = filled({ http2: true, streams: 10 });
  assert.ok(elements.http2.checked && task.http2);
  assert.equal(task.streams, "10");
  assert.deepEqual([filled({}).task.http2, filled({}).task.streams], [false, "1"]);
});

test("a task is shown with units, and asked for as it is shown", () => {
  const { notes, task } = filled({});
  assert.deepEqual(notes, []);
  assert.equal(task.duration, "1m30s");
  assert.equal(task.timeout, "500ms");
  assert.equal(task.max_body, "64M");
  assert.deepEqual(task.headers, ["Accept: text/html"]);
  assert.equal(task.keepalive, true);
  assert.ok(!("rate" in task) && !("stages" in task) && !("connections" in task));
});

test("a size that is no whole unit is shown in bytes", () => {
  for (const [size, text] of [
    [0, "0"],
    [1000, "1000"],
    [1024, "1k"],
    [2 ** 30, "1G"],
  ]) {
    assert.equal(filled({ max_body: size }).task.max_body, text);
  }
});

test("only the pace that was chosen is asked for", () => {
  assert.equal(filled({ rate: 500 }).task.rate, "500");
  const staged = filled({
    stages: [
      [0, 0],
      [90, 1000],
    ],
  });
  assert.equal(staged.task.stages, "0ms:0,1m30s:1000");
  assert.ok(!("duration" in staged.task), "the last stage says how long it lasts");
});

test("times of the load are shown with units, and asked for where they belong", () => {
  const closed = filled({ ramp: 90, pace: 0.5, warmup: 30, drain: 5 }).task;
  assert.deepEqual([closed.ramp, closed.pace, closed.warmup, closed.drain], ["1m30s", "500ms", "30s", "5s"]);
  assert.ok(!("arrivals" in closed), "a closed loop plans no arrivals");
  const paced = filled({ rate: 5, ramp: 90, arrivals: "poisson" }).task;
  assert.equal(paced.arrivals, "poisson");
  assert.ok(!("ramp" in paced), "a rate has no ramp of connections");
});

test("a search is asked for with its own fields alone", () => {
  const search = { find_capacity: true, search_from: 50, search_to: null, precision: 0.025, hold: 15, at_least: 200 };
  const { elements, task } = filled({ ...search, requests: 5 });
  assert.equal(elements.shape.value, "capacity");
  const asked = ["find_capacity", "search_from", "search_to", "precision", "hold", "at_least"].map(
    (name) => task[name],
  );
  assert.deepEqual(asked, [true, "50", undefined, "2.5%", "15s", "200"]);
  assert.ok(!("requests" in task) && !("rate" in task) && !("stages" in task));
  const other = filled({ rate: 5, requests: 5 }).task;
  assert.ok(!("find_capacity" in other) && !("precision" in other) && !("hold" in other));
  assert.equal(other.requests, "5");
});

test("what is not kept is told, and left empty", () => {
  const rows = [
    [{ url: "http://***@t.test/" }, "url", "http://t.test/", /user and password/],
    [{ url: "http://t.test/?key=***" }, "url", "http://t.test/?key=", /Secret parts of the URL/],
    [{ body: "***" }, "body", "", /secret body/],
    [{ headers: [["Authorization", "***"]] }, "headers", "", /Secret headers/],
    [{ cert: "(PEM)" }, "cert", "", /Certificates and keys/],
    [{ body: "x".repeat(4096) }, "body", "x".repeat(4096), /Only the start of the body/],
    [{ body: "a\ufffd" }, "body", "a\ufffd", /no text/],
  ];
  for (const [task, field, value, note] of rows) {
    const { notes, elements } = filled(task);
    assert.equal(elements[field].value, value);
    assert.equal(notes.length, 1);
    assert.match(notes[0], note);
  }
});

test("what was not typed is asked for, and a wrong value is refused in the master's words", () => {
  const form = { elements: { rate: { value: " " }, stages: { value: "" }, url: { value: "" } } };
  const wrong = (field) => worded(form, { field, message: "'0' is wrong" }).message;
  assert.equal(wrong("rate"), "rate: type one, such as 1k");
  assert.equal(wrong("stages"), "stages: type points of time:rate, such as 0s:0,30s:1k,2m:1k");
  assert.equal(wrong("url"), "'0' is wrong");
  assert.equal(wrong(undefined), "'0' is wrong");
  form.elements.rate.value = "0";
  assert.equal(wrong("rate"), "'0' is wrong");
});
