import assert from "node:assert/strict";
import { test } from "node:test";

const asked = [];
const places = [];
globalThis.document = { querySelector: () => null };
globalThis.window = { stop: () => asked.push("stop") };
globalThis.location = { assign: (url) => places.push(url), pathname: "/runs/7", search: "?from=2" };
globalThis.fetch = async (url) => {
  asked.push(url);
  return { ok: false, status: 401, json: async () => ({ error: { message: "log in first" } }) };
};
const { getJson, logOut, postJson } = await import("../../../gluten/webui/static/js/lib/http.js");

test("a question of a session that has ended leads to the login page and back", async () => {
  await assert.rejects(getJson("/api/v1/runs"), /log in first/);
  assert.deepEqual(places, ["/login?next=%2Fruns%2F7%3Ffrom%3D2"]);
});

test("a page that logs out gives up its questions and asks nothing more", async () => {
  asked.length = places.length = 0;
  const done = logOut();
  const later = [getJson("/api/v1/runs"), postJson("/api/v1/runs", {})];
  await done;
  assert.deepEqual(asked, ["stop", "/logout"]);
  assert.deepEqual(places, ["/login"]);
  assert.equal(await Promise.race([...later, Promise.resolve("no answer")]), "no answer");
});
