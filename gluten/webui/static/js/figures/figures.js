// The big figures of a run.
//
// Each figure says what it is of. While a run is under way, rates, times and gauges are of the last second, and counts
// of the whole run. When it is over, all are of the whole run, and a gauge is the highest that it came to.
import { isElastic } from "../lib/asked.js";
import { integer, micros, percent, short, span } from "../lib/format.js";
import { outcome, parts, share } from "../lib/outcome.js";
import { isOver } from "../lib/states.js";
import { progress } from "../widgets/spark.js";
import { joined, LAST, Tiles, WHOLE } from "./tiles.js";

const NAMES = [
  ["rate", "Requests/s"],
  ["p50", "Response p50"],
  ["p95", "Response p95"],
  ["p99", "Response p99"],
  ["errors", "Errors"],
  ["dropped", "Dropped"],
  ["inflight", "In flight"],
  ["time", "Progress"],
  ["requests", "Requests"],
  ["backlog", "Backlog"],
  ["connections", "Connections"],
];
const PACED = new Set(["backlog", "dropped"]); // only a run with a rate has these
export class Figures extends Tiles {
  /**
   * @param {Element} parent
   * @param {boolean} paced
   */
  constructor(parent, paced) {
    const names = NAMES.filter(([key]) => paced || !PACED.has(key));
    super(parent, names, paced ? "figures paced" : "figures");
    this.paced = paced;
  }

  // known: the report's `connections`, once it is there.
  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {boolean} adjusted
   * @param {Connections | null} [known]
   */
  draw(run, rows, adjusted, known = null) {
    const now = isOver(run) ? null : (rows.settled ?? {});
    this.speed(run, now, adjusted);
    this.latency("p50", run, now);
    this.latency("p95", run, now);
    this.latency("p99", run, now);
    this.errors(run, rows);
    this.requests(run);
    this.gauge("inflight", rows, (row) => row.in_flight, now);
    if (this.paced) this.queue(run, rows, now);
    this.connections(run, rows, now, known);
    this.time(run, !now);
  }

  /**
   * @param {Run} run
   * @param {Partial<Row> | null} now
   * @param {boolean} adjusted
   */
  speed(run, now, adjusted) {
    const asked = run.sessions ? null : now ? (now.asked ?? run.asked_rate) : !adjusted && run.task.rate;
    const mean = run.completed ? short(run.rate) : "–";
    this.put("rate", now ? LAST : WHOLE, now ? short(now.completed) : mean, {
      under: joined(asked ? `${short(asked)} asked` : "", now ? `mean ${mean}` : ""),
    });
  }

  /**
   * @param {"p50" | "p95" | "p99"} key
   * @param {Run} run
   * @param {Partial<Row> | null} now
   */
  latency(key, run, now) {
    const whole = run.completed ? micros(run[key]) : "–";
    this.put(key, now ? LAST : WHOLE, now ? (now.completed ? micros(now[key]) : "–") : whole, {
      under: now ? `whole run ${whole}` : "",
    });
  }

  /**
   * @param {Run} run
   * @param {Rows} rows
   */
  errors(run, rows) {
    const byStatus = (run.good ?? null) === null || run.by_request;
    const found = outcome(byStatus ? { ...run, status: rows.statuses } : run);
    this.put("errors", WHOLE, integer(found.errors), { beside: found.errors ? share(found) : "", under: parts(found) });
    this.parts.errors.box.classList.toggle("bad", found.errors > 0);
  }

  /** @param {Run} run */
  requests(run) {
    const open = isOver(run) && run.in_flight ? `${integer(run.in_flight)} not answered at the end` : "";
    this.put("requests", WHOLE, short(run.completed), {
      beside: "answered",
      under: joined(`${short(run.sent)} sent`, open),
    });
  }

  /**
   * @param {string} key
   * @param {Rows} rows
   * @param {(row: Partial<Row>) => Maybe<number>} pick
   * @param {Partial<Row> | null} now
   * @param {string} [under]
   */
  gauge(key, rows, pick, now, under = "") {
    if (now) this.put(key, LAST, integer(pick(now)), { under });
    else this.put(key, WHOLE, integer(rows.most(pick)), { beside: "at most", under: "at the end of a second" });
  }

  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {Partial<Row> | null} now
   */
  queue(run, rows, now) {
    const { dropped, due } = dueOf(run);
    this.gauge("backlog", rows, (row) => row.backlog, now, "waiting for a connection");
    this.put("dropped", WHOLE, integer(dropped), {
      beside: dropped ? percent(dropped, due) : "",
      under: dropped ? `of ${run.sessions ? "the sessions" : "those"} that were due` : "",
    });
    this.parts.backlog.box.classList.toggle("warn", Boolean(now?.backlog));
    this.parts.dropped.box.classList.toggle("warn", dropped > 0);
  }

  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {Partial<Row> | null} now
   * @param {Connections | null} known
   */
  connections(run, rows, now, known) {
    const asked = isElastic(run.task) ? "elastic" : `of ${integer(run.task.connections)} asked`;
    const open = now ? now.connections : (known?.most ?? rows.most((row) => row.connections));
    this.put("connections", now ? LAST : WHOLE, integer(open), {
      beside: now ? "open" : "open at most",
      under: joined(asked, known ? `${integer(known.opened)} opened` : ""),
    });
  }

  /**
   * @param {Run} run
   * @param {boolean} over
   */
  time(run, over) {
    this.put("time", WHOLE, span(over ? (run.duration ?? run.elapsed) : Math.floor(run.elapsed)));
    const bar = progress(over && run.state === "finished" ? 1 : done(run));
    this.parts.time.under.replaceChildren(over ? run.state : left(run), bar);
  }
}

// What the plan has: sessions, where there are scenarios, else requests.
/** @param {Run} run */
function dueOf({ sessions, sent, dropped }) {
  if (!sessions) return { dropped, due: sent + dropped };
  return { dropped: sessions.dropped, due: sessions.begun + sessions.dropped };
}

// Which share of the run is done: what comes first, its time or its requests, ends it.
/** @param {Run} run */
function done({ asked_duration: asked, elapsed, completed, sessions, task }) {
  const ended = sessions?.begun ?? completed;
  return Math.max(asked ? elapsed / asked : 0, task.requests ? ended / task.requests : 0);
}

/** @param {Run} run */
function left({ asked_duration: asked, elapsed, completed, sessions, task }) {
  if (asked) return `${task.find_capacity ? "at most " : ""}${span(Math.max(0, Math.ceil(asked - elapsed)))} left`;
  if (!task.requests) return "";
  return sessions
    ? `${percent(sessions.begun, task.requests)} of sessions`
    : `${percent(completed, task.requests)} of requests`;
}
