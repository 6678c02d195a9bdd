const byName = new Intl.Collator("en", { numeric: true }).compare;

// The seconds of a run, by second: a row that comes again replaces the earlier one.
export class Rows {
  constructor() {
    this.known = new Map();
    this.sorted = [];
    this.end = Infinity;
  }

  take(rows) {
    for (const row of rows) this.known.set(row.second, row);
    if (rows.length) this.sorted = null;
  }

  get list() {
    return (this.sorted ??= [...this.known.values()].sort((a, b) => a.second - b.second));
  }

  get last() {
    return this.list.at(-1);
  }

  // The newest second that all nodes have told of: the one after it may still grow.
  get settled() {
    return this.list.at(-2) ?? this.list.at(-1);
  }

  // The seconds as an axis without holes, so that a gap is drawn as one.
  axis() {
    const end = this.last?.second ?? -1;
    const start = Math.min(this.list[0]?.second ?? 0, 0);
    return Array.from({ length: end - start + 1 }, (_, index) => start + index);
  }

  column(axis, pick) {
    return axis.map((second) => {
      const row = this.known.get(second);
      return row ? (pick(row) ?? null) : null;
    });
  }

  // As `column`, for what is told by the second: the last one of a run is rarely a whole one, and what
  // came back after the end of load is no throughput.
  rate(axis, pick) {
    return this.column(axis, (row) => (this.isWhole(row.second) ? pick(row) : null));
  }

  isWhole(second) {
    return second + 1 <= this.end + 0.01;
  }

  // Keys of a map in the rows: those with most, in an order of their own, so that none changes its colour.
  kinds(pick, most = 12) {
    const totals = new Map();
    for (const row of this.list) {
      for (const [key, value] of Object.entries(pick(row) ?? {})) totals.set(key, (totals.get(key) ?? 0) + value);
    }
    return [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([key]) => key).sort(byName);
  }
}
