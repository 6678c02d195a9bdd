// What became of the sessions of a run, as big figures.
import { integer, micros, percent, short } from "../lib/format.js";
import { isOver } from "../lib/states.js";
import { joined, LAST, Tiles, WHOLE } from "../figures/tiles.js";

const NAMES = [
  ["begun", "Begun"],
  ["finished", "Finished"],
  ["ended", "Ended"],
  ["cut", "Cut"],
  ["active", "At once"],
];

export class SessionTiles extends Tiles {
  /** @param {Element} parent */
  constructor(parent) {
    super(parent, NAMES, "figures inner");
  }

  // known: the report's `sessions`, once it is there.
  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {Maybe<SessionTotals>} known
   */
  draw(run, rows, known) {
    const { sessions } = run;
    if (!sessions) return;
    const now = isOver(run) ? null : (rows.settled ?? {});
    this.put("begun", WHOLE, short(sessions.begun), { under: pace(run, now) });
    this.put("finished", WHOLE, short(sessions.finished), {
      beside: sessions.finished ? `${percent(sessions.good, sessions.finished)} good` : "",
      under: sessions.finished ? times(sessions) : "",
    });
    this.unfinished("ended", sessions, "by a request that was not good");
    this.unfinished("cut", sessions, "by the end of the run");
    this.parts.ended.box.classList.toggle("bad", sessions.ended > 0);
    this.parts.cut.box.classList.toggle("warn", sessions.cut > 0);
    this.atOnce(rows, now, known);
  }

  /**
   * @param {"ended" | "cut"} key
   * @param {SessionFigures} sessions
   * @param {string} why
   */
  unfinished(key, sessions, why) {
    const count = sessions[key];
    this.put(key, WHOLE, integer(count), { beside: count ? percent(count, sessions.begun) : "", under: why });
  }

  /**
   * @param {Rows} rows
   * @param {Partial<Row> | null} now
   * @param {Maybe<SessionTotals>} known
   */
  atOnce(rows, now, known) {
    const most = known?.most ?? rows.most((row) => row.most_active ?? row.active);
    if (now) this.put("active", LAST, integer(now.active), { under: `at most ${integer(most)}` });
    else this.put("active", WHOLE, integer(most), { beside: "at most" });
  }
}

/** @type {(run: Run, now: Partial<Row> | null) => string} */
const pace = (run, now) =>
  now ? joined(`${short(now.begun)}/s`, run.asked_rate === null ? "" : `${short(run.asked_rate)}/s asked`) : "";

/** @type {(found: Timed) => string} */
const times = ({ p50, p95, p99 }) => `p50 ${micros(p50)} · p95 ${micros(p95)} · p99 ${micros(p99)}`;
