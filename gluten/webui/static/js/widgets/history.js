// Past and present runs as a table.
import { h, mayChange } from "../lib/dom.js";
import { integer, micros, short, span, when, whenExact, zone } from "../lib/format.js";
import { runBadge, runName, verdictBadge } from "../lib/states.js";
import { spark } from "./spark.js";

const HEAD = [["Run"], ["State"], ["Verdict"], ["Requests/s", "num"], ["p50", "num"], ["p99", "num"], ["Requests", "num"], ["Errors", "num"], ["Length", "num"], ["Throughput", "narrow-off"], [`Started (${zone})`]];

export function runTable(runs, search) {
  const sparks = runs.some((run) => run.summary?.spark);
  if (!runs.length && search) return h("p", { class: "empty" }, `No run matches “${search}”.`);
  if (!runs.length) return h("p", { class: "empty" }, "No runs yet. ", mayChange && h("a", { href: "/runs/new" }, "Start the first one"), mayChange && ", or send one with gluten.pyz submit.");
  return h("div", { class: "scroll" }, h("table", { class: "cards" },
    h("thead", {}, h("tr", {}, HEAD.filter(([name]) => sparks || name !== "Throughput").map(([name, kind]) => h("th", { scope: "col", class: kind ?? false }, name)))),
    h("tbody", {}, runs.map((run) => line(run, sparks)))));
}

function line(run, sparks) {
  const failed = run.failed ? `${short(run.failed)}` : "0";
  return h("tr", { "data-run": run.id },
    h("th", { scope: "row" }, h("div", { class: "clip" }, h("a", { href: `/runs/${run.id}` }, `#${run.number} `, runName(run))), run.name ? h("span", { class: "sub clip muted" }, run.url) : null),
    h("td", {}, runBadge(run.state)),
    h("td", { class: run.verdict ? false : "narrow-off" }, verdictBadge(run.verdict) ?? "–"),
    h("td", { class: "num", "data-label": "Requests/s" }, run.completed ? short(run.rate) : "–"),
    h("td", { class: "num", "data-label": "p50" }, run.completed ? micros(run.p50) : "–"),
    h("td", { class: "num", "data-label": "p99" }, run.completed ? micros(run.p99) : "–"),
    h("td", { class: "num", "data-label": "Requests" }, integer(run.completed)),
    h("td", { class: "num", "data-label": "Errors" }, failed),
    h("td", { class: "num", "data-label": "Length" }, span(run.duration ?? Math.floor(run.elapsed))),
    sparks && h("td", { class: "narrow-off" }, spark(run.summary?.spark)),
    h("td", {}, h("time", { datetime: run.started_at ?? run.created_at, title: whenExact(run.started_at ?? run.created_at) }, when(run.started_at ?? run.created_at))));
}
