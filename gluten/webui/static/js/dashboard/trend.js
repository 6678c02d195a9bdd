// How runs of one name compare over time: requests/s and p99 of each, the oldest on the left.
import { h, svg } from "../lib/dom.js";
import { micros, short, when } from "../lib/format.js";

const [HEIGHT, TOP, FOOT, SIDE] = [118, 22, 18, 8];
export const MOST = 100; // runs

/** @typedef {{ run: Run, value: number }} Point */

// Runs that are over and were answered, the oldest first.
/** @param {Run[]} runs */
export function over(runs) {
  return runs.filter((run) => run.verdict && run.completed > 0).sort((a, b) => a.number - b.number);
}

// By how much the last value differs from the one before it: "+12 %".
/** @param {number[]} values */
export function change(values) {
  const [before, last] = values.slice(-2);
  if (values.length < 2 || !before) return "";
  const percent = Math.round((100 * (last - before)) / before);
  return `${percent > 0 ? "+" : ""}${percent || 0} %`;
}

// Where each value lies: x from `SIDE` to the width, y from `FOOT` above the bottom to `TOP`; the axis begins at 0.
/**
 * @param {number[]} values
 * @param {number} width
 * @returns {[x: number, y: number][]}
 */
export function places(values, width) {
  const most = Math.max(...values, Number.MIN_VALUE);
  const step = values.length > 1 ? (width - 2 * SIDE) / (values.length - 1) : 0;
  return values.map((value, index) => [SIDE + index * step, HEIGHT - FOOT - (value / most) * (HEIGHT - FOOT - TOP)]);
}

export class Trend {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLElement} box
   */
  constructor(panel, box) {
    this.panel = panel;
    this.box = box;
    /** @type {Run[]} */
    this.runs = [];
    /** @type {number | null} */
    this.baseline = null;
    this.shown = "";
    new ResizeObserver(() => this.paint()).observe(box);
  }

  /**
   * @param {Run[]} runs
   * @param {number | null} baseline the number of the run that is pinned
   */
  draw(runs, baseline) {
    this.runs = over(runs);
    this.baseline = baseline;
    this.panel.hidden = this.runs.length < 2;
    if (!this.panel.hidden) this.paint();
  }

  paint() {
    const width = this.room();
    const key = [width, this.baseline, ...this.runs.map((run) => `${run.number} ${run.rate} ${run.p99}`)].join("\n");
    if (width < 100 || key === this.shown) return;
    this.shown = key;
    this.box.replaceChildren(this.chart("Requests/s", "rate", short, width), this.chart("p99", "p99", micros, width));
  }

  // How wide a chart is, by the columns that the style has for this window.
  room() {
    const [first] = getComputedStyle(this.box).gridTemplateColumns.split(" ");
    return Math.floor(Number.parseFloat(first)) || 0;
  }

  /**
   * @param {string} title
   * @param {"rate" | "p99"} key
   * @param {(value: number) => string} format
   * @param {number} width
   */
  chart(title, key, format, width) {
    const values = this.runs.map((run) => run[key] ?? 0);
    const found = places(values, width);
    const aim = Math.min(10, (found[1][0] - found[0][0]) / 2);
    const last = values.at(-1) ?? 0;
    return h(
      "figure",
      { class: "trend", "data-trend": key },
      h("figcaption", {}, h("b", {}, title), ` ${format(last)} in the last run`, differs(change(values))),
      svg(
        "svg",
        { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "group", "aria-label": `${title} by run` },
        svg("path", { class: "base", d: `M0 ${HEIGHT - FOOT}H${width}` }),
        this.rule(values, found, width),
        svg("path", { class: "line", d: `M${found.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` }),
        this.runs.map((run, index) => dot(run, found[index], `${title} ${format(values[index])}`, aim)),
        this.names(found),
        svg("text", { x: 0, y: 9 }, `${format(Math.max(...values))} at most`),
      ),
    );
  }

  // The baseline's value as a line across.
  /**
   * @param {number[]} values
   * @param {[number, number][]} found
   * @param {number} width
   */
  rule(values, found, width) {
    const at = this.runs.findIndex((run) => run.number === this.baseline);
    return at < 0 ? null : svg("path", { class: "pinned", d: `M0 ${found[at][1].toFixed(1)}H${width}` });
  }

  // The first run and the last one by their numbers.
  /** @param {[number, number][]} found */
  names(found) {
    const [first, last] = [this.runs[0], this.runs[this.runs.length - 1]];
    const y = HEIGHT - 3;
    return [
      svg("text", { x: 0, y }, `#${first.number}`),
      svg("text", { x: found[found.length - 1][0] + SIDE, y, "text-anchor": "end" }, `#${last.number}`),
    ];
  }
}

/** @param {string} text */
const differs = (text) => (text ? h("span", { class: "muted" }, ` · ${text} against the run before`) : null);

// A run of the line, as a link: hollow where its numbers may not be trusted.
/**
 * @param {Run} run
 * @param {[number, number]} place
 * @param {string} text
 * @param {number} aim how far around it a press counts
 */
function dot(run, [x, y], text, aim) {
  const verdict = run.verdict?.value ?? "";
  const label = `Run ${run.number}, ${verdict}: ${text}, ${when(run.started_at)}`;
  return svg(
    "a",
    { href: `/runs/${run.id}`, "aria-label": label },
    svg("title", {}, label),
    svg("circle", { class: "aim", cx: x.toFixed(1), cy: y.toFixed(1), r: aim.toFixed(1) }),
    svg("circle", {
      class: verdict === "valid" ? "dot" : `dot ${verdict}`,
      cx: x.toFixed(1),
      cy: y.toFixed(1),
      r: Math.min(4, Math.max(2, aim - 1)).toFixed(1),
    }),
  );
}
