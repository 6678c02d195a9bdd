// Charts over one axis of seconds: one range, one cursor, one zoom, drawn at most once a frame.
import { Chart } from "./chart.js";
import { Steer } from "./steer.js";

export class Group {
  // on.zoom(view, pause) is told the seconds [from, to] that are shown, or null for all, and how many ms
  // another view may soon follow.
  /**
   * @param {HTMLElement} parent
   * @param {Spec[]} specs
   * @param {Seconds} rows
   * @param {{ zoom?(view: Span | null, pause: number): void }} [on]
   * @param {boolean} [ended]
   */
  constructor(parent, specs, rows, on = {}, ended = false) {
    this.key = `group-${Math.random()}`;
    this.parent = parent;
    this.rows = rows;
    /** @type {RunEvent[]} */
    this.events = [];
    this.ended = ended;
    /** @type {number[]} */
    this.axis = [];
    /** @type {Span | null} */
    this.view = null;
    this.wanted = 0;
    this.pending = false;
    this.on = on;
    this.life = new AbortController();
    this.across = specs[0].across;
    this.charts = specs.map((spec) => new Chart(this, parent, spec));
    this.steer = new Steer(this, this.charts.length > 1 ? parent : this.charts[0].root, this.charts[0].box);
    parent.addEventListener("dblclick", () => this.zoom(null));
    document.addEventListener("visibilitychange", () => this.redraw(), { signal: this.life.signal });
    this.redraw();
  }

  // The charts are taken off the page; nothing listens for them any more.
  close() {
    this.life.abort();
    for (const chart of this.charts) chart.close();
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

  get settledIndex() {
    const last = this.axis.findLastIndex((second) => this.rows.isWhole(second));
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
    this.view = view;
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
    });
  }
}
