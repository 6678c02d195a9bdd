// Charts over one axis of seconds: one range, one cursor, one zoom, drawn at most once a frame.
import { h, setText } from "../lib/dom.js";
import { Chart } from "./chart.js";
import { marksOf } from "./marks.js";
import { Look } from "./parts/look.js";
import { Steer } from "./steer.js";

export class Group {
  // on.zoom(view, pause) is told the seconds [from, to] that are shown, or null for all, and how many ms
  // another view may soon follow. `look` is how the charts are looked at in the beginning, and keeps what changes.
  /**
   * @param {HTMLElement} parent
   * @param {Spec[]} specs
   * @param {Seconds} rows
   * @param {{ zoom?(view: Span | null, pause: number): void }} [on]
   * @param {boolean} [ended]
   * @param {Look} [look]
   */
  constructor(parent, specs, rows, on = {}, ended = false, look = new Look()) {
    this.key = `group-${Math.random()}`;
    this.parent = parent;
    this.rows = rows;
    /** @type {Mark[]} */
    this.marks = [];
    this.ended = ended;
    /** @type {number[]} */
    this.axis = [];
    this.look = look;
    this.wanted = 0;
    this.pending = false;
    this.on = on;
    this.life = new AbortController();
    this.across = specs[0].across;
    this.folds = specs.length > 1; // charts with nothing in them
    this.charts = specs.map((spec) => new Chart(this, parent, spec));
    this.rest = h("p", { class: "muted rest", hidden: true });
    parent.append(this.rest);
    this.steer = new Steer(this, this.charts.length > 1 ? parent : this.charts[0].root, this.charts[0].box);
    parent.addEventListener("dblclick", () => this.zoom(null));
    document.addEventListener("visibilitychange", () => this.redraw(), { signal: this.life.signal });
    this.redraw();
  }

  // The charts are taken off the page; nothing listens for them any more.
  close() {
    this.life.abort();
    for (const chart of this.charts) chart.close();
    this.rest.remove();
  }

  get view() {
    return this.look.view;
  }

  /** @param {RunEvent[]} events */
  set events(events) {
    this.marks = marksOf(events);
  }

  // How many seconds the axis has room for at least: a run of known, modest length does not shift.
  /** @param {number} seconds */
  room(seconds) {
    this.wanted = seconds;
  }

  /** @returns {Span} */
  range() {
    if (this.view) return this.view;
    const last = this.axis.at(-1) ?? 0;
    return [Math.min(this.axis[0] ?? 0, 0), Math.max(last, this.wanted, this.ended ? 1 : 5)];
  }

  // The last whole second that is in view: its figures stand in the keys.
  get settledIndex() {
    const end = this.view?.[1] ?? Infinity;
    const last = this.axis.findLastIndex((second) => second <= end && this.rows.isWhole(second));
    return last < 0 ? Math.max(0, this.axis.length - 1) : last;
  }

  // While a run lives its newest second still grows: to draw it would be a dip that never was.
  settledAxis() {
    const axis = this.rows.axis();
    return this.ended ? axis : axis.slice(0, -1);
  }

  /** @param {Plot} plot */
  select(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to - from >= this.least) this.zoom([from, to]);
  }

  // The narrowest view.
  get least() {
    return this.across ? 0.1 : 1;
  }

  // From where to where there is something to see.
  /** @returns {Span} */
  get whole() {
    return this.across
      ? this.across.range()
      : [Math.min(this.axis[0] ?? 0, 0), Math.max(this.axis.at(-1) ?? 0, this.least)];
  }

  /**
   * @param {Span | null} view
   * @param {number} [pause]
   */
  zoom(view, pause = 0) {
    this.look.zoom(view);
    this.on.zoom?.(view, pause);
    this.redraw();
  }

  redraw() {
    if (this.pending || document.hidden || this.life.signal.aborted) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      if (this.life.signal.aborted) return;
      this.axis = this.settledAxis();
      this.parent.dataset.seconds = String(this.axis.length);
      for (const chart of this.charts) chart.draw();
      this.drawRest();
    });
  }

  // Which charts are not there, and why.
  drawRest() {
    const folded = this.charts.filter(({ root }) => root.hidden);
    const words = folded.map(({ spec, none }) => `${spec.title} (${none.textContent})`);
    this.rest.hidden = !words.length;
    setText(this.rest, `Nothing to draw: ${words.join(" · ")}`);
  }
}
