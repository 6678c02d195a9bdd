import { distribution, percentiles } from "./charts/curve.js";
import { Group } from "./charts/group.js";
import { $, frame, h, pageData, setText } from "./lib/dom.js";
import { integer, micros, short, span, when, zone, zoneLong } from "./lib/format.js";
import { decode } from "./lib/hdr.js";
import { getJson } from "./lib/http.js";
import { runName, verdictBadge } from "./lib/states.js";

const { a, b, runs } = pageData();

function picker(side, chosen) {
  const known = runs.some((run) => run.id === chosen?.id) || !chosen ? runs : [chosen, ...runs];
  const options = known.map((run) => h("option", { value: run.id, selected: run.id === chosen?.id }, `#${run.number} ${runName(run)} · ${when(run.started_at)} ${zone}`));
  return h("div", { class: "field" }, h("label", { for: `pick-${side}` }, `Run ${side.toUpperCase()}`),
    h("select", { name: side, id: `pick-${side}`, "data-testid": `pick-${side}` }, h("option", { value: "" }, "choose a run"), options));
}

const FIGURES = [
  ["Requests/s", (r) => r.rate, short, -1, "requests/s"],
  ["Response time p50", (r) => r.response_time.p50, micros, 1, "p50"],
  ["Response time p90", (r) => r.response_time.p90, micros, 1, "p90"],
  ["Response time p99", (r) => r.response_time.p99, micros, 1, "p99"],
  ["Response time p99.9", (r) => r.response_time.p99_9, micros, 1, "p99_9"],
  ["Response time max", (r) => r.response_time.max, micros, 1, "max"],
  ["Service time p99", (r) => r.service_time.p99, micros, 1],
  ["Completed", (r) => r.requests.completed, integer, 0],
  ["Failed", (r) => r.requests.failed, integer, 1],
  ["Failed, of requests", (r) => (100 * r.requests.failed) / Math.max(1, r.requests.completed + r.requests.failed), (value) => `${value.toFixed(2)} %`, 1, "failed share"],
  ["Length", (r) => r.duration, span, 0],
];

// worse: 1 where a higher figure is worse, -1 where a lower one is.
function difference(first, second, worse) {
  if (!first || second === null || second === undefined) return h("td", { class: "num" }, "–");
  const share = (second - first) / first;
  const tone = Math.abs(share) < 0.01 || !worse ? false : share * worse > 0 ? "up" : "down";
  const figure = (share * 100).toFixed(1).replace(/^-0\.0$/, "0.0");
  return h("td", { class: "num" }, h("span", { class: tone }, `${share > 0 && figure !== "0.0" ? "+" : ""}${figure} %`));
}

// What the master says of a figure's difference: by the same rule as the command line.
function noise(pair, what) {
  const known = what && pair.differences.find((one) => one.what === what);
  const word = !known ? "" : known.exceeds_noise === null ? "too few seconds to say" : known.exceeds_noise ? "more than noise" : "within noise";
  return h("td", { "data-noise": what ?? false, class: "muted" }, word);
}

function unlike(pair) {
  if (!pair.unlike.length) return null;
  return h("div", { class: "notice warn", "data-testid": "unlike" }, "The runs are not alike:", h("ul", {}, pair.unlike.map((why) => h("li", {}, why))));
}

function table(left, right, pair) {
  const name = (report) => h("th", { scope: "col", class: "num" }, h("a", { href: `/runs/${report.id}` }, `#${report.number}`), " ", verdictBadge(report.verdict));
  return h("section", { class: "panel", "aria-label": "Figures" }, h("div", { class: "scroll" }, h("table", { "data-testid": "figures" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), name(left), name(right), h("th", { scope: "col", class: "num" }, "B against A"), h("th", { scope: "col" }, "Difference"))),
    h("tbody", {}, FIGURES.map(([label, pick, format, worse, what]) => h("tr", {}, h("th", { scope: "row" }, label),
      h("td", { class: "num" }, format(pick(left))), h("td", { class: "num" }, format(pick(right))), difference(pick(left), pick(right), worse), noise(pair, what)))))));
}

// Rows of both runs under one second, so that the charts' common machinery draws them.
function overlay(left, right) {
  const known = new Map();
  for (const [side, report] of [["a", left], ["b", right]]) {
    for (const row of report.seconds) if (row.second + 1 <= report.duration + 0.01) known.set(row.second, { ...(known.get(row.second) ?? { second: row.second }), [side]: row });
  }
  const list = [...known.values()].sort((one, two) => one.second - two.second);
  const axis = Array.from({ length: (list.at(-1)?.second ?? -1) + 1 }, (_, index) => index);
  return { axis: () => axis, isWhole: () => true, column: (seconds, pick) => seconds.map((second) => (known.has(second) ? (pick(known.get(second)) ?? null) : null)) };
}

function pair(id, title, unit, format, key, names, log = false) {
  return {
    id, title, unit, format, log,
    series: (rows, axis) => [
      { label: names[0], color: "c1", values: rows.column(axis, (row) => row.a?.[key]) },
      { label: names[1], color: "c2", values: rows.column(axis, (row) => row.b?.[key]) },
    ],
  };
}

async function draw() {
  const [left, right, pairOf] = await Promise.all([...[a, b].map((run) => getJson(`/api/v1/runs/${run.id}/report`)), getJson(`/api/v1/compare?runs=${a.id},${b.id}`)]);
  const found = pairOf.pairs[0];
  const names = [`A #${left.number}`, `B #${right.number}`];
  const charts = h("div", { class: "charts" });
  const curves = h("div", { class: "charts", id: "curves" });
  $("result").replaceChildren(...[unlike(found), table(left, right, found)].filter(Boolean), h("section", { class: "panel", "aria-label": "Percentiles" }, h("h2", { class: "hidden" }, "Percentiles"), curves), h("section", { class: "panel", "aria-label": "Charts" }, h("h2", { class: "hidden" }, "Charts"), charts));
  const specs = [
    pair("throughput", "Throughput", "requests/s", short, "completed", names),
    pair("p50", "Response time p50", "", micros, "p50", names, true),
    pair("p99", "Response time p99", "", micros, "p99", names, true),
    pair("errors", "Errors", "failed requests/s", short, "failed", names),
  ];
  new Group(charts, specs, overlay(left, right), {}, true);
  const kept = await Promise.all([left, right].map((report, index) => decode(report.response_time.hdr).then((pairs) => ({ label: names[index], color: ["c1", "c2"][index], pairs }))));
  if (kept.every(({ pairs }) => pairs.length)) [percentiles, distribution].forEach((chart) => chart(curves, kept));
  else curves.parentElement.hidden = true;
}

frame(zoneLong);
$("pick").append(picker("a", a), picker("b", b), h("button", { class: "button primary" }, "Compare"));
if (a && b) {
  draw().catch((error) => {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
  });
} else {
  $("result").replaceChildren(h("p", { class: "empty" }, "Choose two runs: their charts are laid over each other, second by second."));
}
