const byName = new Intl.Collator("en", { numeric: true }).compare;

// The seconds of a run, by second: a row that comes again replaces the earlier one. What came back after the end of
// load is kept apart: those are no seconds of load.
export class Rows {
  constructor() {
    /** @type {Map<number, Row>} */
    this.known = new Map();
    /** @type {Row[] | null} */
    this.sorted = [];
    this.end = Infinity;
    this.asked = Infinity;
  }

  /** @param {Row[]} rows */
  take(rows) {
    for (const row of rows) this.known.set(row.second, row);
    if (rows.length) this.sorted = null;
  }

  // How many seconds the load lasted, and was asked to last, as far as that is known.
  /**
   * @param {number} end
   * @param {number} asked
   */
  endAt(end, asked) {
    if (end === this.end && asked === this.asked) return;
    Object.assign(this, { end, asked });
    this.sorted = null;
  }

  get list() {
    return (this.sorted ??= [...this.known.values()]
      .filter((row) => !this.isDrain(row))
      .sort((a, b) => a.second - b.second));
  }

  // Rows after the end of load.
  get drain() {
    return [...this.known.values()].filter((row) => this.isDrain(row));
  }

  // Rows that were stored before they said so (those have no `good` either) are told by their second.
  /**
   * @param {Row} row
   * @returns {boolean}
   */
  isDrain(row) {
    return row.drain ?? ((row.good ?? null) === null && row.second >= Math.min(this.end, this.asked));
  }

  get last() {
    return this.list.at(-1);
  }

  // Whether the newest second of load may still grow: one after it tells that it does not.
  get grows() {
    return this.known.size === this.list.length;
  }

  // The newest second that all nodes have told of.
  get settled() {
    return (this.grows ? this.list.at(-2) : null) ?? this.last;
  }

  // The seconds as an axis without holes, so that a gap is drawn as one.
  axis() {
    const end = this.last?.second ?? -1;
    const start = Math.min(this.list[0]?.second ?? 0, 0);
    return Array.from({ length: end - start + 1 }, (_, index) => start + index);
  }

  /**
   * @param {number[]} axis
   * @param {(row: Row) => Maybe<number>} pick
   * @returns {Values}
   */
  column(axis, pick) {
    return axis.map((second) => {
      const row = this.known.get(second);
      return row ? (pick(row) ?? null) : null;
    });
  }

  // As `column`, for what is told by the second: the last one of a run is rarely a whole one.
  /**
   * @param {number[]} axis
   * @param {(row: Row) => Maybe<number>} pick
   */
  rate(axis, pick) {
    return this.column(axis, (row) => (this.isWhole(row.second) ? pick(row) : null));
  }

  /** @param {number} second */
  isWhole(second) {
    return second + 1 <= this.end + 0.01;
  }

  // The highest of a figure in the seconds of load, or null.
  /** @param {(row: Row) => Maybe<number>} pick */
  most(pick) {
    return this.list.length ? this.list.reduce((most, row) => Math.max(most, pick(row) ?? 0), 0) : null;
  }

  // How many responses had which status, those after the end of load included.
  get statuses() {
    return this.totals((row) => row.status, this.known.values());
  }

  // The sums over rows, by the keys of a map in them.
  /**
   * @param {(row: Row) => Maybe<Record<string, Maybe<number>>>} pick
   * @param {Iterable<Row>} [rows]
   */
  totals(pick, rows = this.list) {
    /** @type {Counts} */
    const totals = {};
    for (const row of rows) {
      for (const [key, value] of Object.entries(pick(row) ?? {})) totals[key] = (totals[key] ?? 0) + (value ?? 0);
    }
    return totals;
  }

  // Keys of a map in the rows: those with most, in an order of their own, so that none changes its colour.
  /**
   * @param {(row: Row) => Maybe<Record<string, Maybe<number>>>} pick
   * @param {number} [most]
   */
  kinds(pick, most = 12) {
    const totals = Object.entries(this.totals(pick));
    return totals
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, most)
      .map(([key]) => key)
      .sort(byName);
  }
}
