// The search of a run for the capacity: its answer, or how far it has come, its trials by rate and one by one.
import { Group } from "../charts/group.js";
import { Tiles } from "../figures/tiles.js";
import { h, setText, show } from "../lib/dom.js";
import { DASH, integer, span } from "../lib/format.js";
import { isOver } from "../lib/states.js";
import { ByRate, byRate } from "./charts.js";
import { trialTable } from "./trials.js";
import { lengthOf, limitOf, notesOf, perSecond, trialOf } from "./words.js";

const NAMES = [
  ["holds", "Holds"],
  ["misses", "Misses"],
  ["limit", "Limit"],
  ["trial", "Trials"],
];

export class CapacityPanel {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.found = new ByRate();
    this.answer = h("p", { class: "answer", role: "status", "data-testid": "answer" });
    this.notes = h("div", { class: "notice warn", hidden: true, "data-testid": "capacity-notes" });
    this.trials = h("div", { class: "part", "data-testid": "trials" });
    /** @type {Tiles | null} */
    this.tiles = null; // until there is a search
    /** @type {Group | null} */
    this.charts = null; // until there is a trial with figures
    /** @type {Maybe<Slo[]>} */
    this.slos = [];
    this.shown = "";
  }

  build() {
    const tiles = h("div");
    this.box = h("div", { class: "charts three", "data-testid": "capacity-charts" });
    const look = { type: "button", class: "button small ghost", disabled: true, "data-testid": "capacity-unzoom" };
    this.all = h("button", { ...look, onclick: () => this.charts?.zoom(null) }, "All");
    this.root.append(
      h("header", {}, h("h2", {}, "Capacity"), this.all),
      ...[this.answer, this.notes, tiles, this.box, legend(), this.trials],
    );
    return new Tiles(tiles, NAMES, "figures inner");
  }

  /** @param {Run} run */
  draw(run) {
    const { capacity } = run;
    this.root.hidden = !capacity;
    if (!capacity) return;
    const key = JSON.stringify([capacity, run.slo, run.state, run.asked_rate]);
    if (key === this.shown) return;
    this.shown = key;
    this.slos = run.slo;
    this.tiles ??= this.build();
    setText(this.answer, capacity.text);
    this.drawNotes(capacity);
    this.drawTiles(capacity, run);
    this.drawCharts(capacity);
    this.trials.hidden = !capacity.trials.length;
    show(this.trials, h("h3", {}, "Trials"), trialTable(capacity.trials, isCurrent(run, capacity)));
  }

  /** @param {Capacity} capacity */
  drawNotes(capacity) {
    const lines = notesOf(capacity);
    this.notes.hidden = !lines.length;
    show(
      this.notes,
      lines.map((text) => h("div", {}, text)),
    );
  }

  /**
   * @param {Capacity} capacity
   * @param {Run} run
   */
  drawTiles(capacity, run) {
    const { holds, misses, slo } = capacity;
    const scope = isOver(run) ? "" : "so far";
    this.tiles?.put("holds", scope, perSecond(holds), { under: sure(capacity) });
    this.tiles?.put("misses", scope, perSecond(misses), { under: (misses !== null && slo) || "" });
    if (isOver(run)) this.drawEnd(capacity);
    else this.drawNow(capacity, run);
  }

  // A rate that has only begun has no trial yet.
  /**
   * @param {Capacity} capacity
   * @param {Run} run
   */
  drawNow(capacity, run) {
    const last = isCurrent(run, capacity) ? capacity.trials.at(-1) : null;
    const under = last ? trialOf(last) : "settles at this rate";
    this.tiles?.put("limit", "", DASH);
    this.tiles?.put("trial", "now", perSecond(run.asked_rate), { under });
  }

  /** @param {Capacity} capacity */
  drawEnd({ limit, node, trials }) {
    const length = trials.reduce((sum, trial) => sum + lengthOf(trial), 0);
    this.tiles?.put("limit", "", limitOf(limit), { under: node ?? "" });
    this.tiles?.put("trial", "in all", integer(trials.length), { under: `${span(length)} of load` });
  }

  /** @param {Capacity} capacity */
  drawCharts(capacity) {
    this.found.take(capacity);
    const some = this.found.axis().length > 0;
    if (this.box) this.box.hidden = !some;
    if (!some || !this.box) return;
    this.charts ??= new Group(
      this.box,
      byRate(this.found, () => this.slos),
      this.found,
      { zoom: (view) => this.all?.toggleAttribute("disabled", !view) },
      true,
    );
    this.charts.redraw();
  }
}

// Whether the last trial is at the rate of now.
/** @type {(run: Run, capacity: Capacity) => boolean} */
const isCurrent = (run, { trials }) => !isOver(run) && trials.at(-1)?.rate === run.asked_rate;

// What the marks in the charts say.
function legend() {
  const marks = [
    ["holds", "●", "all SLOs hold"],
    ["missed", "✗", "one is missed"],
    ["", "○", "not decided"],
  ];
  const items = marks.map(([kind, mark, text]) => h("span", {}, h("span", { class: `slo ${kind}` }, mark), ` ${text}`));
  return h("p", { class: "muted marks" }, items, h("span", {}, "The capacity lies in the coloured band."));
}

/** @type {(capacity: Capacity) => string} */
const sure = ({ holds, confidence, unit }) =>
  holds === null ? unit : `${unit}, ${Math.round(confidence * 100)} % sure`;
