// One chart: uPlot, a key whose figures follow the cursor, marks of events. All charts of a group share
// the axis, the cursor and the zoom.
import uPlot from "../../vendor/uPlot.esm.js";
import { h, svg } from "../lib/dom.js";
import { clock } from "../lib/format.js";
import { Shades } from "./parts/shades.js";
import { Tip } from "./parts/tip.js";
import { plotOptions } from "./plot.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

// spec: {title, unit, format, series(rows, axis) -> [{label, color, values, shown?, fill?, dash?, width?, band?}],
// none?: why there is nothing to see, zeros included, log?, always?: "log", span?(rows) -> [low, high],
// paint?(plot, rows, axis, colour): what lies under the lines, over?(plot, rows): what lies on them,
// cell?(plot): what is painted under the pointer, in words, shades?(plot): the counts that its colours stand for}
export class Chart {
  /**
   * @param {ChartGroup} group
   * @param {Element} parent
   * @param {Spec} spec
   */
  constructor(group, parent, spec) {
    this.group = group;
    this.spec = spec;
    this.empty = false;
    /** @type {number[]} */
    this.axis = [];
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
    this.shades = spec.shades ? new Shades() : null;
    this.tip = new Tip(this.box);
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

  // Times have a logarithmic scale, unless someone chose the other one.
  get log() {
    const { id, log, always } = this.spec;
    return always === "log" || (Boolean(log) && !this.group.look.turned.has(id));
  }

  logButton() {
    const toggle = () => {
      this.group.look.turn("turned", this.spec.id);
      button.setAttribute("aria-pressed", String(this.log));
      this.rebuild();
    };
    const look = { class: "button small ghost", "aria-pressed": String(this.log) };
    const named = { "data-testid": `log-${this.spec.id}`, title: "A logarithmic scale" };
    const button = h("button", { type: "button", ...look, ...named, onclick: toggle }, "Log");
    return button;
  }

  /** @param {string} label */
  isOff(label) {
    return this.group.look.off.has(`${this.spec.id}/${label}`);
  }

  draw() {
    const { rows, axis: seconds } = this.group;
    const axis = this.spec.own?.(rows, seconds) ?? seconds;
    this.axis = axis;
    this.series = this.spec.series(rows, axis);
    const shape = this.series.map((item) => item.label).join("\n");
    if (this.plot && shape !== this.shape) this.destroy();
    this.shape = shape;
    /** @type {any} */
    const data = [axis, ...this.series.map((item) => this.positive(item.values))];
    this.drawNone(seconds);
    if (!this.box.clientWidth) return;
    if (!this.plot) this.build(data);
    else this.plot.setData(data);
    this.showKeys();
  }

  // A chart with nothing in it takes no room, once there are seconds: its group says why.
  /** @param {number[]} axis */
  drawNone(axis) {
    const { none } = this.spec;
    const tells = (/** @type {Values} */ values) => values.some((value) => value !== null && (value || !none));
    this.empty = !this.series.some(({ values, shown }) => tells(shown ?? values));
    this.none.textContent = (axis.length && none) || (this.group.ended ? "no data" : "no data yet");
    if (!this.empty) this.none.remove();
    else if (!this.none.isConnected) this.box.append(this.none);
    this.root.hidden = this.empty && this.group.folds && (axis.length > 0 || this.group.ended);
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
    this.keys.replaceChildren(this.at, ...items, ...(this.shades ? [this.shades.root] : []));
  }

  /**
   * @param {Line} item
   * @param {number} index
   */
  key(item, index) {
    const toggle = () => {
      this.group.look.turn("off", `${this.spec.id}/${item.label}`);
      const show = !this.isOff(item.label);
      button.setAttribute("aria-pressed", String(show));
      this.plot?.setSeries(index + 1, { show });
    };
    const look = { type: "button", "aria-pressed": String(!this.isOff(item.label)) };
    const button = h("button", { ...look, onclick: toggle }, dash(item), item.label, this.values[index]);
    return button;
  }

  showKeys() {
    if (!this.plot) return;
    const under = this.plot.cursor.idx;
    const index = under ?? (this.spec.own ? this.axis.length - 1 : this.group.settledIndex);
    const second = this.axis[index];
    this.at.textContent = second === undefined ? "" : (this.spec.across?.mark ?? clock)(second);
    this.series.forEach((item, place) => {
      const value = (item.shown ?? item.values)[index];
      const text = value === null || value === undefined ? "–" : this.spec.format(value);
      if (this.values[place] && this.values[place].textContent !== text) this.values[place].textContent = text;
    });
  }

  // The pointer has moved, or left.
  pointed() {
    this.showKeys();
    const { own, cell } = this.spec;
    if (this.plot) this.tip.follow(this.plot, own ? [] : this.group.marks, cell?.(this.plot) ?? "");
  }

  painted() {
    if (this.plot && this.spec.shades) this.shades?.draw(this.spec.shades(this.plot));
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
