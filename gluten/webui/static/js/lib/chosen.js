// The runs that a comparison is of, in the page's address: it can be sent on, reloaded, and gone back to.
export class Chosen {
  // runs: those of the address, in order; known: others that may be added; changed() is told of each change.
  /**
   * @param {Run[]} runs
   * @param {Run[]} known
   * @param {() => void} changed
   */
  constructor(runs, known, changed) {
    this.known = new Map([...known, ...runs].map((run) => [run.number, run]));
    this.list = runs;
    this.changed = changed;
    history.replaceState(null, "", address(runs.map((run) => run.number)));
    addEventListener("popstate", () => this.take(numbers()));
  }

  get others() {
    return [...this.known.values()].filter((run) => !this.list.includes(run)).sort((a, b) => b.number - a.number);
  }

  /** @param {number} number */
  add(number) {
    this.go([...this.list.map((run) => run.number), number]);
  }

  /** @param {number} number */
  remove(number) {
    this.go(this.list.map((run) => run.number).filter((known) => known !== number));
  }

  // What the others are measured against.
  /** @param {number} number */
  lead(number) {
    this.go([number, ...this.list.map((run) => run.number).filter((known) => known !== number)]);
  }

  /** @param {number[]} chosen */
  go(chosen) {
    history.pushState(null, "", address(chosen));
    this.take(chosen);
  }

  /** @param {number[]} chosen */
  take(chosen) {
    const found = chosen.flatMap((number) => this.known.get(number) ?? []);
    if (found.length < chosen.length) {
      location.reload();
      return;
    }
    this.list = found;
    this.changed();
  }
}

/** @type {(chosen: number[]) => string} */
export const address = (chosen) => `/compare${chosen.length ? `?runs=${chosen.join(",")}` : ""}`;

function numbers() {
  const text = new URLSearchParams(location.search).get("runs") ?? "";
  return text.split(",").filter(Boolean).map(Number);
}
