// What the dashboard asks for, how a trend lies, and what a hidden tab's title says.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { querySelector: () => null, body: { dataset: {} }, title: "", addEventListener() {} };
const { isNarrowed, query, readAddress } = await import("../../../gluten/webui/static/js/dashboard/filters.js");
const { change, over, places } = await import("../../../gluten/webui/static/js/dashboard/trend.js");
const { ending, Title } = await import("../../../gluten/webui/static/js/frame/title.js");

test("an address says only what is not so anyway, and is read back", () => {
  for (const text of ["", "state=finished", "name=a+%26+b&search=x+y&sort=p99&order=asc", "order=asc"]) {
    assert.equal(query(readAddress(`?${text}`)), text);
  }
  assert.equal(query(readAddress("?sort=number&order=desc&state=&other=1")), "");
});

test("an order narrows nothing", () => {
  assert.equal(isNarrowed(readAddress("?sort=p99&order=asc")), false);
  for (const text of ["state=failed", "verdict=valid", "name=a", "search=a"]) {
    assert.equal(isNarrowed(readAddress(text)), true);
  }
});

test("a trend has the runs that are over and were answered, the oldest first", () => {
  const run = (number, verdict, completed) => ({ number, verdict, completed });
  const runs = [
    run(4, null, 9),
    run(3, { value: "valid" }, 9),
    run(2, { value: "invalid" }, 0),
    run(1, { value: "suspect" }, 5),
  ];
  assert.deepEqual(
    over(runs).map(({ number }) => number),
    [1, 3],
  );
});

test("a change is against the value before", () => {
  assert.equal(change([1, 200, 150]), "-25 %");
  assert.equal(change([100, 112]), "+12 %");
  assert.equal(change([100, 100.4]), "0 %");
  assert.equal(change([100, 99.6]), "0 %");
  assert.equal(change([0, 5]), "");
  assert.equal(change([5]), "");
});

test("the highest value of a trend is at its top, 0 at its foot, and the ends have room for a mark", () => {
  const found = places([0, 50, 100], 316);
  assert.deepEqual(found, [
    [8, 100],
    [158, 61],
    [308, 22],
  ]);
  assert.deepEqual(places([0, 0], 100), [
    [8, 100],
    [92, 100],
  ]);
});

test("a title says how a run ended where nobody looks, and only of a run that ended meanwhile", () => {
  assert.equal(ending({ state: "finished", verdict: { value: "valid" } }), "✓ finished, valid");
  assert.equal(ending({ state: "failed", verdict: null }), "✗ failed");
  const page = globalThis.document;
  Object.assign(page, { title: "Run 7", hidden: true });
  const title = new Title();
  title.watch({ id: "a", state: "finished", verdict: null });
  assert.equal(page.title, "Run 7");
  title.watch({ id: "b", state: "running", verdict: null });
  title.watch({ id: "b", state: "stopped", verdict: { value: "invalid" } }, "#8 ");
  assert.equal(page.title, "#8 ■ stopped, invalid · Run 7");
  Object.assign(page, { title: "Run 7", hidden: false });
  title.watch({ id: "c", state: "running", verdict: null });
  title.watch({ id: "c", state: "finished", verdict: null });
  assert.equal(page.title, "Run 7");
});
