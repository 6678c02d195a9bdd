import { $, h, show } from "./lib/dom.js";
import { getJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { poll } from "./lib/poll.js";

/** @param {unknown} value */
function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** @param {Record<string, unknown>} state */
function draw(state) {
  const rows = Object.entries(state).map(([key, value]) =>
    h("tr", {}, h("th", { scope: "row" }, key.replaceAll("_", " ")), h("td", { class: "wraps" }, shown(value))),
  );
  show($("state"), h("table", { class: "pairs" }, h("tbody", {}, rows)));
}

frame();
draw(pageData());
poll(async () => draw(await getJson("/api/v1/state")), 1000);
