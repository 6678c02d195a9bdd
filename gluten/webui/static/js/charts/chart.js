// One chart: uPlot, a key whose figures follow the cursor, marks of events. All charts of a group share
// the axis, the cursor and the zoom.
import uPlot from "../../vendor/uPlot.esm.js";
import { h, svg } from "../lib/dom.js";
import { clock } from "../lib/format.js";
import { plotOptions } from "./plot.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

// spec: {title, unit, format, series(rows, axis) -> [{label, color, values, shown?, fill?, dash?, width?, band?}],
// log?, always?: "log", span?(rows) -> [low, high], paint?(plot, rows, axis, colour): what lies under the lines,
// over?(plot, rows): what lies on them}
export class Chart {
  /**
   * @param {ChartGroup} group
   * @param {Element} parent
   * @param {Spec} spec
   */
  constructor(group, parent, spec) {
    this.group = group;
    this.spec = spec;
    /** @type {Set<string>} */
    this.off = new Set();
    this.log = spec.always === "log";
    /** @type {Plot | null} */
    this.plot = null;
    this.shape = "";
    /** @type {Line[]} */
    this.series = [];
    /** @type {HTMLElement[]} */
    this.values = [];
    this.at = h("li", { class: "at" });
    this.box = h("div", { class: "plot" });
    this.keys = h("ul", { class: "keys" });
    this.none = h("div", { class: "nodata" });
    this.root = h(
      "section",
      { class: "chart", "data-testid": `chart-${spec.id}`, "aria-label": spec.title },
      this.header(),
      this.box,
      this.keys,
    );
    parent.append(this.root);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.box);
    dark.addEventListener("change", () => this.rebuild(), { signal: group.life.signal });
    document.addEventListener("theme", () => this.rebuild(), { signal: group.life.signal });
  }

  header() {
    const { title, unit, log } = this.spec;
    return h("header", {}, h("h3", {}, title), h("span", { class: "unit" }, unit ?? ""), log ? this.logButton() : null);
  }

  logButton() {
    const toggle = () => {
      this.log = !this.log;
      button.setAttribute("aria-pressed", String(this.log));
      button.textContent = this.log ? "Linear" : "Log";
      this.rebuild();
    };
    const look = { class: "button small ghost", "aria-pressed": "false", "data-testid": `log-${this.spec.id}` };
    const button = h("button", { type: "button", ...look, onclick: toggle }, "Log");
    return button;
  }

  draw() {
    const axis = this.group.axis;
    this.series = this.spec.series(this.group.rows, axis);
    const shape = this.series.map((item) => item.label).join("\n");
    if (this.plot && shape !== this.shape) this.destroy();
    this.shape = shape;
    /** @type {any} */
    const data = [axis, ...this.series.map((item) => this.positive(item.values))];
    const empty = !this.series.some(({ values, shown }) => (shown ?? values).some((value) => value !== null));
    this.none.textContent = (axis.length && this.spec.none) || (this.group.ended ? "no data" : "no data yet");
    if (!empty) this.none.remove();
    else if (!this.none.isConnected) this.box.append(this.none);
    if (!this.box.clientWidth) return;
    if (!this.plot) this.build(data);
    else this.plot.setData(data);
    this.showKeys();
  }

  /** @param {Values} values */
  positive(values) {
    return this.log ? values.map((value) => ((value ?? 0) > 0 ? value : null)) : values;
  }

  /** @param {import("uplot").AlignedData} data */
  build(data) {
    this.plot = new uPlot(plotOptions(this), data, this.box);
    this.buildKeys();
  }

  buildKeys() {
    this.values = this.series.map(() => h("b"));
    const items = this.series.map((item, index) => h("li", {}, this.key(item, index)));
    this.keys.replaceChildren(this.at, ...items);
  }

  /**
   * @param {Line} item
   * @param {number} index
   */
  key(item, index) {
    const toggle = () => {
      const hide = !this.off.has(item.label);
      if (hide) this.off.add(item.label);
      else this.off.delete(item.label);
      button.setAttribute("aria-pressed", String(!hide));
      this.plot?.setSeries(index + 1, { show: !hide });
    };
    const look = { type: "button", "aria-pressed": String(!this.off.has(item.label)) };
    const button = h("button", { ...look, onclick: toggle }, dash(item), item.label, this.values[index]);
    return button;
  }

  showKeys() {
    if (!this.plot) return;
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

// A piece of the line, before its label.
/** @param {Line} item */
function dash(item) {
  const look = { "stroke-width": 3, "stroke-dasharray": item.dash ? "4 2" : false };
  const path = svg("path", { d: "M0 4h12", stroke: `var(--${item.color})`, ...look });
  return svg("svg", { viewBox: "0 0 12 8", "aria-hidden": "true" }, path);
}
