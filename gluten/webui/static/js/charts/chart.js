// One chart: uPlot, a key whose figures follow the cursor, marks of events. All charts of a group share
// the axis, the cursor and the zoom.
import uPlot from "../../vendor/uPlot.esm.js";
import { h, svg } from "../lib/dom.js";
import { clock } from "../lib/format.js";

export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const dark = matchMedia("(prefers-color-scheme: dark)");
const MARKS = {
  node_lost: "bad", worker_lost: "bad", gap: "bad", failed: "bad", late: "warn", silent: "warn", not_moved: "warn", late_numbers: "warn",
  backlog: "warn", adjusted: "c6", adjust_taken: "c6", rebalanced: "c2", resumed: "c2", stopping: "c2", stopped: "c2",
};

// spec: {title, unit, format, series(rows, axis) -> [{label, color, values, shown?, fill?, dash?, width?, band?}], log?,
// always?: "log", span?(rows) -> [low, high], paint?(plot, rows, axis, colour): what lies under the lines}
export class Chart {
  constructor(group, parent, spec) {
    this.group = group;
    this.spec = spec;
    this.off = new Set();
    this.log = spec.always === "log";
    this.plot = null;
    this.shape = "";
    this.box = h("div", { class: "plot" });
    this.keys = h("ul", { class: "keys" });
    this.none = h("div", { class: "nodata" });
    this.root = h("section", { class: "chart", "data-testid": `chart-${spec.id}`, "aria-label": spec.title }, this.header(), this.box, this.keys);
    parent.append(this.root);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.box);
    dark.addEventListener("change", () => this.rebuild(), { signal: group.life.signal });
  }

  header() {
    const toggle = this.spec.log && h("button", {
      type: "button", class: "button small ghost", "aria-pressed": "false", "data-testid": `log-${this.spec.id}`,
      onclick: (event) => {
        this.log = !this.log;
        event.currentTarget.setAttribute("aria-pressed", String(this.log));
        event.currentTarget.textContent = this.log ? "Linear" : "Log";
        this.rebuild();
      },
    }, "Log");
    return h("header", {}, h("h3", {}, this.spec.title), h("span", { class: "unit" }, this.spec.unit ?? ""), toggle || null);
  }

  draw() {
    const axis = this.group.axis;
    this.series = this.spec.series(this.group.rows, axis);
    const shape = this.series.map((item) => item.label).join("\n");
    if (this.plot && shape !== this.shape) this.destroy();
    this.shape = shape;
    const data = [axis, ...this.series.map((item) => this.positive(item.values))];
    const empty = !this.series.some(({ values, shown }) => (shown ?? values).some((value) => value !== null));
    this.none.textContent = axis.length && this.spec.none ? this.spec.none : this.group.ended ? "no data" : "no data yet";
    if (empty !== this.none.isConnected) empty ? this.box.append(this.none) : this.none.remove();
    if (!this.box.clientWidth) return;
    if (!this.plot) this.build(data);
    else this.plot.setData(data);
    this.showKeys();
  }

  positive(values) {
    return this.log ? values.map((value) => (value > 0 ? value : null)) : values;
  }

  build(data) {
    this.plot = new uPlot(this.options(), data, this.box);
    this.buildKeys();
  }

  options() {
    const { group, spec } = this;
    const ink = color("muted");
    const line = { stroke: color("grid"), width: 1 };
    const axis = { stroke: ink, grid: line, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight || 200,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: group.key, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      scales: { x: { time: false, range: () => group.view ?? spec.across?.range() ?? group.range() }, y: this.log ? { distr: 3, log: 10, ...(spec.span ? { range: () => spec.span(group.rows) } : {}) } : { range: (u, low, high) => [0, spec.top?.(high) ?? round(high)] } },
      axes: [
        { ...axis, values: (u, marks) => marks.map(spec.across?.mark ?? clock), ...(spec.across ? { splits: spec.across.splits } : {}), grid: spec.span ? { show: false } : line, size: 28, space: 60, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200] },
        { ...axis, values: (u, marks) => marks.map((value) => (value === null ? "" : spec.format(value))), size: 62, space: 34, ...(spec.span ? { grid: { show: false }, splits: (u) => decades(u.scales.y) } : {}) },
      ],
      series: [{}, ...this.series.map((item) => this.line(item))],
      bands: this.series.flatMap((item, index) => (item.band ? [{ series: [index + 1, index], fill: tint(item.color, 0.4) }] : [])),
      hooks: { drawAxes: spec.paint ? [(u) => spec.paint(u, group.rows, group.axis, color("c1"))] : [], draw: [(u) => this.drawMarks(u)], setCursor: [() => this.showKeys()], setSelect: [(u) => group.select(u)] },
    };
  }

  line(item) {
    return {
      label: item.label, stroke: color(item.color), width: item.width ?? 1.6, dash: item.dash, show: !this.off.has(item.label),
      fill: item.fill ? tint(item.color, item.fill) : undefined, points: { show: (u) => u.data[0].length < 3, size: 5 }, spanGaps: false,
    };
  }

  drawMarks(u) {
    const { ctx, bbox } = u;
    ctx.save();
    for (const event of this.group.events) {
      if (event.second === null || event.second === undefined || !MARKS[event.kind]) continue;
      const x = Math.round(u.valToPos(event.second, "x", true)) + 0.5;
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(MARKS[event.kind]);
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, bbox.top, 3.5 * devicePixelRatio, 0, 7);
      ctx.fill();
    }
    ctx.restore();
  }

  buildKeys() {
    this.at = h("li", { class: "at" });
    this.values = this.series.map(() => h("b"));
    const items = this.series.map((item, index) => h("li", {}, this.key(item, index)));
    this.keys.replaceChildren(this.at, ...items);
  }

  key(item, index) {
    const mark = svg("svg", { viewBox: "0 0 12 8", "aria-hidden": "true" },
      svg("path", { d: "M0 4h12", stroke: `var(--${item.color})`, "stroke-width": 3, "stroke-dasharray": item.dash ? "4 2" : false }));
    const toggle = (event) => {
      const hide = !this.off.has(item.label);
      hide ? this.off.add(item.label) : this.off.delete(item.label);
      event.currentTarget.setAttribute("aria-pressed", String(!hide));
      this.plot.setSeries(index + 1, { show: !hide });
    };
    return h("button", { type: "button", "aria-pressed": String(!this.off.has(item.label)), onclick: toggle }, mark, item.label, this.values[index]);
  }

  showKeys() {
    if (!this.plot || !this.at) return;
    const under = this.plot.cursor.idx;
    const index = under ?? this.group.settledIndex;
    const second = this.group.axis[index];
    this.at.textContent = second === undefined ? "" : (this.spec.across?.mark ?? clock)(second);
    this.series.forEach((item, place) => {
      const value = (item.shown ?? item.values)[index];
      const text = value === null || value === undefined ? "–" : this.spec.format(value);
      if (this.values[place] && this.values[place].textContent !== text) this.values[place].textContent = text;
    });
  }

  resize() {
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    if (!width) return;
    if (!this.plot) this.group.redraw();
    else if (width !== this.plot.width || height !== this.plot.height) this.plot.setSize({ width, height });
  }

  rebuild() {
    this.destroy();
    this.draw();
  }

  close() {
    this.sizes.disconnect();
    this.destroy();
    this.root.remove();
  }

  destroy() {
    this.plot?.destroy();
    this.plot = null;
  }
}

// Powers of ten, and their threes where those alone are few.
function decades({ min, max }) {
  const tens = Array.from({ length: 12 }, (_, index) => 10 ** index).filter((mark) => mark >= min && mark <= max);
  return tens.length > 2 ? tens : Array.from({ length: 12 }, (_, index) => [10 ** index, 3 * 10 ** index]).flat().filter((mark) => mark >= min && mark <= max);
}

const round = (high) => (high > 0 ? high * 1.08 : 1);

// A colour of the palette, thinned; canvas takes eight-digit hex.
function tint(name, alpha) {
  return color(name) + Math.round(alpha * 255).toString(16).padStart(2, "0");
}
