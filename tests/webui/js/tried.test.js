// What trying requests came to, in a sentence.
import assert from "node:assert/strict";
import test from "node:test";
import { summary } from "../../../gluten/webui/static/js/form/tried.js";

test("how many requests were sent and were good is said as a person would", () => {
  const rows = [
    [[], "No request was sent."],
    [[true], "One request was sent from the master. It was good."],
    [[false], "One request was sent from the master. It was not good."],
    [[true, true], "2 requests were sent from the master. All of them were good."],
    [[true, false, true], "3 requests were sent from the master. 2 of them were good."],
    [[true, false], "2 requests were sent from the master. 1 of them was good."],
    [[false, false], "2 requests were sent from the master. None of them were good."],
  ];
  for (const [found, said] of rows) assert.equal(summary(found.map((good) => ({ good }))), said);
});
