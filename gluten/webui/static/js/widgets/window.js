// The exact figures of the seconds that the charts are zoomed to.
import { setText } from "../lib/dom.js";
import { clock, integer, micros, short } from "../lib/format.js";
import { getJson } from "../lib/http.js";
import { outcome, parts, share } from "../lib/outcome.js";

const POINTS = [
  ["p50", "p50"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p99", "p99"],
  ["p99.9", "p99_9"],
  ["max", "max"],
];
const HINT =
  "Each point is one second of the run. Drag over a chart to zoom, or press + on the charts: " +
  "the exact figures of those seconds stand here then.";
const WAIT = 200; // ms

export class Window {
  // rows: the run's seconds of load.
  /**
   * @param {Element} box
   * @param {string} run
   * @param {Rows} rows
   */
  constructor(box, run, rows) {
    this.box = box;
    this.run = run;
    this.rows = rows;
    this.turn = 0;
    setText(box, HINT);
  }

  // view: the seconds [from, to] that are shown, points on their edges included, or null for all.
  // Nothing is asked for before `pause` ms have passed without another view.
  /**
   * @param {Span | null} view
   * @param {number} [pause]
   */
  async show(view, pause = 0) {
    const mine = ++this.turn;
    if (!view) {
      setText(this.box, HINT);
      return;
    }
    if (pause) {
      await new Promise((done) => {
        setTimeout(done, pause);
      });
    }
    if (mine === this.turn) await this.ask(view, mine);
  }

  /**
   * @param {Span} view
   * @param {number} mine
   */
  async ask(view, mine) {
    const end = (this.rows.last?.second ?? 0) + 1; // what came after it is not shown
    const [from, to] = [Math.max(0, Math.min(Math.ceil(view[0]), end - 1)), Math.min(Math.floor(view[1]) + 1, end)];
    let text = "";
    setTimeout(
      () =>
        mine === this.turn && !text && setText(this.box, `Adding up the histograms of ${integer(to - from)} seconds…`),
      WAIT,
    );
    try {
      text = words(
        from,
        to,
        await getJson(`/api/v1/runs/${this.run}/window?from=${from}&to=${Math.max(to, from + 1)}`),
      );
    } catch (error) {
      text = error.message;
    }
    if (mine === this.turn) setText(this.box, text);
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {WindowFigures} found
 */
function words(from, to, found) {
  const times = POINTS.map(([name, key]) => `${name} ${micros(found.response_time[key])}`);
  const made = outcome(found);
  const errors = made.errors ? `errors ${integer(made.errors)} (${share(made)}): ${parts(made)}` : "no errors";
  return [
    `From ${clock(from)} to ${clock(to)}: ${short(found.rate)} requests/s`,
    `${integer(found.completed)} completed`,
    errors,
    ...(found.sessions
      ? [`${integer(found.sessions.begun)} sessions begun, ${integer(found.sessions.finished)} finished`]
      : []),
    ...(found.completed ? times : []),
  ].join(" · ");
}
