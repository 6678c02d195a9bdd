// The modules themselves: no ring of imports, and one version of the library that they draw with.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const HOME = join(ROOT, "gluten/webui/static/js");
const FROM = /^import (?:[^;]* from )?"(\.[^"]*)";/gm;

const modules = readdirSync(HOME, { recursive: true }).filter((path) => path.endsWith(".js"));
const imports = new Map(modules.map((path) => [path, importsOf(path)]));
const json = (path) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

function importsOf(path) {
  const text = readFileSync(join(HOME, path), "utf8");
  return [...text.matchAll(FROM)].map(([, name]) => normalize(join(dirname(path), name)));
}

function ring(path, above = []) {
  if (above.includes(path)) return [...above, path].join(" → ");
  for (const next of imports.get(path) ?? []) {
    const found = ring(next, [...above, path]);
    if (found) return found;
  }
  return null;
}

test("no module imports itself by way of others", () => {
  assert.ok(modules.length > 50);
  for (const path of modules) assert.equal(ring(path), null);
});

test("no folder has more than 20 modules", () => {
  const counts = new Map();
  for (const path of modules) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  for (const [folder, count] of counts) assert.ok(count <= 20, `${folder} has ${count}`);
});

test("the types of uPlot are those of the version that is carried", () => {
  assert.equal(json("package.json").devDependencies.uplot, json("vendor/locks/web.json").uplot.version);
});

test("the lock names no registry, and has a hash of each package", () => {
  const { packages } = json("package-lock.json");
  for (const [name, entry] of Object.entries(packages)) {
    assert.ok(!("resolved" in entry), name);
    assert.ok(name === "" || entry.integrity, name);
  }
});
