import { distribution, percentiles } from "./charts/curve.js";
import { Group } from "./charts/group.js";
import { overlaid, overlay } from "./charts/overlay.js";
import { Chosen } from "./lib/chosen.js";
import { $, h, setText } from "./lib/dom.js";
import { decode } from "./lib/hdr.js";
import { getJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { colorOf } from "./lib/palette.js";
import { isOver } from "./lib/states.js";
import { compared } from "./requests/compared.js";
import { differences, headlines, unlike } from "./widgets/differences.js";
import { RunPicker } from "./widgets/runpicker.js";

/** @type {Map<string, Report>} */
const reports = new Map();
/** @type {Group[]} */
let groups = [];
let turn = 0;

// A run that is over changes no more; of one that lives its figures are asked for again.
/**
 * @param {Run} run
 * @returns {Promise<Report>}
 */
async function report(run) {
  const known = reports.get(run.id);
  if (known) return known;
  const found = await getJson(`/api/v1/runs/${run.id}/report?hdr=0&request=`);
  if (isOver(found)) reports.set(run.id, found);
  return found;
}

/** @param {Laid} line */
async function curve(line) {
  const { hdr } = line.report.response_time;
  return { ...line, pairs: hdr ? await decode(hdr) : [] };
}

/**
 * @param {string} name
 * @param {Element} body
 */
function panel(name, body) {
  return h("section", { class: "panel", "aria-label": name }, h("h2", { class: "hidden" }, name), body);
}

/** @param {...(Element | null)} parts */
function put(...parts) {
  for (const group of groups) group.close();
  groups = [];
  $("result").replaceChildren(...parts.filter(Boolean));
}

/**
 * @param {Laid[]} lines
 * @param {Pair[]} pairs
 * @param {(Laid & Curve)[]} curves
 */
function draw(lines, pairs, curves) {
  const [charts, quantiles] = [h("div", { class: "charts" }), h("div", { class: "charts", id: "curves" })];
  const found = lines.map((line) => line.report);
  put(
    headlines(pairs),
    unlike(found, pairs),
    differences(found, pairs),
    compared(found, pairs, "by_scenario"),
    compared(found, pairs, "by_request"),
    curves.length ? panel("Percentiles", quantiles) : null,
    panel("Charts", charts),
  );
  groups = [new Group(charts, overlaid(lines), overlay(lines), {}, true)];
  if (curves.length) groups.push(percentiles(quantiles, curves), distribution(quantiles, curves));
}

// The comparison that is asked for now; another one may be asked for before it is there.
/** @param {number} mine */
async function compare(mine) {
  const { list } = chosen;
  const [{ pairs }, ...found] = await Promise.all([
    getJson(`/api/v1/compare?runs=${list.map((run) => run.id).join(",")}`),
    ...list.map(report),
  ]);
  const lines = found.map((one, index) => ({ label: `#${one.number}`, color: colorOf(index), report: one }));
  const curves = (await Promise.all(lines.map(curve))).filter((line) => line.pairs.length);
  if (mine === turn) draw(lines, pairs, curves);
}

function tooFew() {
  const text = chosen.list.length
    ? "Add another run to compare this one with."
    : "Choose two or more runs: their charts are laid over each other, second by second.";
  put(h("p", { class: "empty" }, text));
}

async function refresh() {
  const mine = ++turn;
  picker.draw();
  $("trouble").hidden = true;
  try {
    if (chosen.list.length < 2) tooFew();
    else await compare(mine);
  } catch (error) {
    if (mine !== turn) return;
    put();
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
  }
}

const data = pageData();
/** @type {Chosen} */
const chosen = new Chosen(data.chosen, data.runs, refresh);
/** @type {RunPicker} */
const picker = new RunPicker($("pick"), chosen, data.most);
frame();
refresh();
