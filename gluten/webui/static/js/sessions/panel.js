// The sessions of a run: what became of them, by scenario and by group, and what a typical one does.
import { h, show } from "../lib/dom.js";
import { getJson } from "../lib/http.js";
import { byGroup, byScenario } from "./tables.js";
import { SessionTiles } from "./tiles.js";
import { waterfall } from "./waterfall.js";

const EXPLAINED =
  "The median of each request and the mean of each pause. A step of × 2.5 comes two and a half times in a session, " +
  "on average.";

export class Sessions {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.scenarios = h("div", { "data-testid": "by-scenario" });
    this.groups = h("div", { class: "part", "data-testid": "groups", hidden: true });
    this.typical = h("div", { class: "part", "data-testid": "typical", hidden: true });
    /** @type {SessionTiles | null} */
    this.tiles = null; // until there is a run with sessions
    /** @type {Maybe<Scenario[]>} */
    this.known = undefined; // the scenarios of the report, once it was asked for
  }

  build() {
    const tiles = h("div");
    this.root.append(h("header", {}, h("h2", {}, "Sessions")), tiles, this.scenarios, this.groups, this.typical);
    return new SessionTiles(tiles);
  }

  // report: it is there once the run is over.
  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {Report | null} report
   */
  draw(run, rows, report) {
    this.root.hidden = !run.sessions;
    if (!run.sessions) return;
    this.tiles ??= this.build();
    this.tiles.draw(run, rows, report?.sessions);
    show(this.scenarios, byScenario(run.by_scenario ?? []));
    this.drawGroups(run.groups ?? []);
    this.learn(run);
    this.drawTypical(run, report?.by_scenario ?? this.known ?? []);
  }

  // What a typical session does is in the report alone, also while the run is under way. It is asked for once.
  /** @param {Run} run */
  async learn({ id, sent }) {
    if (this.known !== undefined || !sent) return;
    this.known = null;
    const report = await getJson(`/api/v1/runs/${id}/report?seconds=0`).catch(() => null);
    this.known = report?.by_scenario ?? null;
  }

  /** @param {GroupFigures[]} groups */
  drawGroups(groups) {
    this.groups.hidden = !groups.length;
    if (groups.length) show(this.groups, h("h3", {}, "Groups"), byGroup(groups));
  }

  /**
   * @param {Run} run
   * @param {Scenario[]} known
   */
  drawTypical(run, known) {
    const steps = new Map(known.map((scenario) => [scenario.name, scenario.steps ?? []]));
    const drawn = (run.by_scenario ?? [])
      .filter(({ name }) => steps.get(name)?.length)
      .map((scenario) => waterfall(scenario, steps.get(scenario.name) ?? [], run.by_request ?? []));
    this.typical.hidden = !drawn.length;
    if (!drawn.length) return;
    show(this.typical, h("h3", {}, "A typical session"), h("p", { class: "muted" }, EXPLAINED), drawn);
  }
}
