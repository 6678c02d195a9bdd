// A simple mix as the text of a workload file, and what the form sends.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { sha256 } from "../../../gluten/webui/static/js/lib/hash.js";
import { pairs } from "../../../gluten/webui/static/js/form/environment.js";
import { schedule } from "../../../gluten/webui/static/js/form/plan.js";
import { quoted, toToml } from "../../../gluten/webui/static/js/form/rows.js";

const row = (more) => ({ name: "home", method: "GET", path: "/", weight: "1", ...more });

test("a row is a request", () => {
  assert.equal(toToml([row()]), '[request.home]\nget = "/"\n');
  assert.equal(toToml([row({ method: " post ", weight: "06" })]), '[request.home]\npost = "/"\nweight = 6\n');
});

test("a method of another name, and a name with other characters, are written out", () => {
  assert.equal(
    toToml([row({ name: 'an "odd" name', method: "PURGE" })]),
    '[request."an \\"odd\\" name"]\nmethod = "PURGE"\npath = "/"\n',
  );
});

test("what is no number stays as it is, for the master to refuse", () => {
  assert.match(toToml([row({ weight: "1.5" })]), /weight = "1\.5"/);
});

test("an empty row is left out", () => {
  assert.equal(toToml([row(), row({ name: " ", path: "" }), row({ name: "b" })]).match(/\[request/g).length, 2);
});

test("every character that TOML wants escaped is", () => {
  assert.equal(quoted('a"\\\n\u0001\u007f'), '"a\\"\\\\\\n\\u0001\\u007f"');
});

test("the environment is one NAME=value a line", () => {
  assert.deepEqual(pairs("A=1\n\nB = x=y\nnothing"), { A: "1", B: " x=y" });
});

test("a schedule is drawn linear between its stages", () => {
  const stages = [[0, 0], [10, 100], [20, 100]]; // prettier-ignore
  assert.deepEqual(schedule({ stages }, 5), [0, 50, 100, 100, 100]);
  assert.deepEqual(schedule({ stages: [] }), []);
});

test("a step in a schedule has no slope", () => {
  const stages = [[0, 5], [10, 5], [10, 50], [20, 50]]; // prettier-ignore
  assert.deepEqual(schedule({ stages }, 5), [5, 5, 5, 50, 50]);
});

test("a file is known by its SHA-256", async () => {
  const content = new TextEncoder().encode("name,password\nann,1\n");
  assert.equal(await sha256(content), createHash("sha256").update(content).digest("hex"));
});
