// What is told apart by the names of requests.
import { Rows } from "../lib/rows.js";

/** @type {Record<string, number>} */
const NONE = {
  ...{ sent: 0, completed: 0, good: 0, failed: 0, dropped: 0, mean: 0, p50: 0, p90: 0, p99: 0, p99_9: 0, max: 0 },
  ...{ service_p50: 0, service_p99: 0 },
};

// One request's figures of a second in place of all requests'. A plan has no rate of one request.
/**
 * @param {Row} row
 * @param {string} name
 * @returns {Row}
 */
export function narrow(row, name) {
  return { ...row, asked: null, ...NONE, status: {}, errors: {}, ...row.by_request?.[name] };
}

// The seconds of a run, of all requests, and of the one that was chosen.
export class ByRequest {
  /** @param {Rows} all */
  constructor(all) {
    this.all = all;
    this.name = this.wanted = "";
    /** @type {Rows | null} */
    this.one = null;
  }

  // What charts show.
  get shown() {
    return this.one ?? this.all;
  }

  // `name` is empty for all requests.
  /** @param {string} name */
  choose(name) {
    this.name = name;
    this.one = name ? new Rows() : null;
    this.one?.take([...this.all.known.values()].map((row) => narrow(row, name)));
    this.one?.endAt(this.all.end, this.all.asked);
  }

  // The figures of a request are asked for when it is chosen: those of all would take seconds to load.
  /**
   * @param {string} name
   * @param {{ choose(name: string): Promise<Row[]> }} feed
   */
  async ask(name, feed) {
    this.wanted = name;
    const found = await feed.choose(name);
    if (this.wanted !== name) return;
    this.choose(name);
    this.complete(found);
  }

  // Rows as they were, now with the figures of the request that is chosen. What has come meanwhile is newer.
  /** @param {Row[]} rows */
  complete(rows) {
    this.take(rows.filter(({ second, version = 0 }) => version >= (this.all.known.get(second)?.version ?? 0)));
  }

  /** @param {Row[]} rows */
  take(rows) {
    this.all.take(rows);
    this.one?.take(rows.map((row) => narrow(row, this.name)));
  }

  /**
   * @param {number} end
   * @param {number} asked
   */
  endAt(end, asked) {
    this.all.endAt(end, asked);
    this.one?.endAt(end, asked);
  }

  // The chart, of the request that is chosen.
  /**
   * @param {Spec<Rows>} spec
   * @returns {Spec<Rows>}
   */
  follow(spec) {
    return { ...spec, series: (_, axis) => spec.series(this.shown, axis) };
  }
}

// What is not good, of what was answered or failed.
/** @param {RequestFigures} found */
export function notGood({ completed, good, failed }) {
  return { errors: completed - good + failed, of: completed + failed };
}

// "✓ 12", "✗ 3 of 12", or empty where there is no check.
/**
 * @param {number} passed
 * @param {number} failed
 * @param {(value: number) => string} format
 */
export function checked(passed, failed, format) {
  const all = passed + failed;
  if (!all) return "";
  return failed ? `✗ ${format(failed)} of ${format(all)}` : `✓ ${format(all)}`;
}

// Whether a table by request tells more than the figures of the run.
/** @param {RequestFigures[] | undefined} requests */
export const isTold = (requests = []) =>
  requests.length > 1 || requests.some(({ checks_passed: passed, checks_failed: failed }) => passed + failed > 0);
