// The capacity over the runs of a name: what each search found, as an interval, beside those before it.
import { Group } from "../charts/group.js";
import { color, tint } from "../charts/ink.js";
import { h } from "../lib/dom.js";
import { when } from "../lib/format.js";
import { getJson } from "../lib/http.js";
import { changeOf, searches } from "./searches.js";
import { limitOf, perSecond } from "./words.js";

const MOST = 500; // runs that are asked for
/** @typedef {import("./searches.js").Search} Search */

// Shown where there is more than one: a single one has no history.
/**
 * @param {HTMLElement} root
 * @param {Run} run
 */
export async function drawHistory(root, run) {
  if (!run.name || !run.capacity) return;
  const query = `limit=${MOST}&search=${encodeURIComponent(run.name)}`;
  const { runs } = await getJson(`/api/v1/runs?${query}`).catch(() => ({ runs: [] }));
  const found = searches(runs, run.name);
  if (found.length < 2) return;
  const box = h("div", { class: "charts one" });
  root.replaceChildren(
    h("header", {}, h("h2", { class: "wraps" }, `Capacity over the runs of ${run.name}`)),
    box,
    table(found, run.id),
  );
  root.hidden = false;
  new Group(box, [chart(found)], still(found), {}, true);
}

/** @type {(found: Search[]) => Seconds} */
const still = (found) => ({ axis: () => found.map((_, index) => index), isWhole: () => true });

/**
 * @param {Search[]} found
 * @returns {Spec}
 */
function chart(found) {
  const last = found.length - 1;
  const every = Math.max(1, Math.ceil(found.length / 12));
  return {
    id: "capacity-history",
    title: "Capacity",
    unit: `${found[last].capacity.unit}, by run`,
    format: perSecond,
    across: {
      range: () => [-0.5, last + 0.5],
      splits: () => found.map((_, index) => index).filter((index) => index % every === 0),
      mark: (index) => (Number.isInteger(index) && found[index] ? `#${found[index].number}` : ""),
    },
    series: () => [
      { label: "misses", color: "bad", values: found.map(({ capacity }) => capacity.misses), dash: [4, 3], width: 1 },
      { label: "holds", color: "good", values: found.map(({ capacity }) => capacity.holds), width: 2 },
    ],
    paint: (plot) => found.forEach(({ capacity }, index) => paintInterval(plot, index, capacity)),
  };
}

/**
 * @param {Plot} plot
 * @param {number} index
 * @param {Capacity} capacity
 */
function paintInterval({ ctx, bbox, valToPos }, index, { holds, misses }) {
  const half = 6 * devicePixelRatio;
  const x = valToPos(index, "x", true);
  const foot = valToPos(holds ?? 0, "y", true);
  const top = misses === null ? bbox.top : valToPos(misses, "y", true);
  ctx.save();
  ctx.fillStyle = tint("warn", misses === null ? 0.1 : 0.35);
  ctx.fillRect(x - half, top, 2 * half, Math.max(devicePixelRatio, foot - top));
  ctx.fillStyle = color("good");
  ctx.fillRect(x - half, foot - devicePixelRatio, 2 * half, 2 * devicePixelRatio);
  ctx.restore();
}

/** @type {[name: string, kind?: string][]} */
const HEAD = [["Run"], ["Holds", "num"], ["Misses", "num"], ["Change", "num"], ["Limit"], ["Verdict"], ["Started"]];

/**
 * @param {Search[]} found
 * @param {string} own
 */
function table(found, own) {
  const head = HEAD.map(([name, kind]) => h("th", { scope: "col", class: kind ?? false }, name));
  const rows = found.map((run, index) => row(run, found[index - 1], run.id === own)).reverse();
  const made = h("table", { class: "cards searches" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  return h("div", { class: "scroll tall", tabindex: 0, role: "group", "aria-label": "Searches" }, made);
}

/**
 * @param {Search} run
 * @param {Search | undefined} before
 * @param {boolean} isOwn
 */
function row(run, before, isOwn) {
  const { capacity } = run;
  const name = isOwn ? `#${run.number}, this run` : h("a", { href: `/runs/${run.id}` }, `#${run.number}`);
  return h(
    "tr",
    { "data-search": run.number },
    h("th", { scope: "row" }, name),
    h("td", { class: "num", "data-label": "Holds" }, perSecond(capacity.holds)),
    h("td", { class: "num", "data-label": "Misses" }, perSecond(capacity.misses)),
    h("td", { class: "num", "data-label": "Change" }, before ? change(before.capacity, capacity) : "–"),
    h("td", { "data-label": "Limit" }, limitOf(capacity.limit)),
    h("td", { "data-label": "Verdict" }, run.verdict?.value ?? "–"),
    h("td", {}, when(run.started_at)),
  );
}

// Against the search before it. Intervals that overlap say nothing.
/**
 * @param {Capacity} before
 * @param {Capacity} after
 */
function change(before, after) {
  const { share, apart } = changeOf(before, after);
  if (share === null) return "–";
  const figure = `${share > 0 ? "+" : ""}${(share * 100).toFixed(1).replace(/^-0\.0$/, "0.0")} %`;
  const tone = apart ? (share < 0 ? "up" : "down") : false;
  return [h("span", { class: tone }, figure), h("span", { class: "sub" }, apart ? "" : "the intervals overlap")];
}
