// How charts are looked at: the view along the axis, the scales and the lines that are off. It is kept in the address,
// so that a link shows what was seen when it was copied.

export class Look {
  // on.write is told of each change, in the form that the constructor reads.
  /**
   * @param {string} [text]
   * @param {(text: string) => void} [write]
   */
  constructor(text = "", write = () => {}) {
    const asked = new URLSearchParams(text);
    this.write = write;
    this.view = viewOf(asked.get("from"), asked.get("to"));
    this.turned = new Set(asked.getAll("scale")); // charts whose scale is not their usual one
    this.off = new Set(asked.getAll("off")); // "chart/line"
    this.of = asked.get("of") ?? ""; // the request that the charts are of
  }

  /** @param {Span | null} view */
  zoom(view) {
    this.view = view;
    this.keep();
  }

  /** @param {string} name */
  choose(name) {
    this.of = name;
    this.keep();
  }

  // Put `name` into the set, or take it out.
  /**
   * @param {"turned" | "off"} kind
   * @param {string} name
   */
  turn(kind, name) {
    if (!this[kind].delete(name)) this[kind].add(name);
    this.keep();
  }

  // For charts with another axis: the same scales and lines, a view of their own, which is not kept.
  apart() {
    const other = new Look();
    other.turned = this.turned;
    other.off = this.off;
    other.keep = () => this.keep();
    return other;
  }

  keep() {
    const { view, of, turned, off } = this;
    const asked = new URLSearchParams();
    if (view) asked.set("from", rounded(view[0]));
    if (view) asked.set("to", rounded(view[1]));
    if (of) asked.set("of", of);
    for (const name of [...turned].sort()) asked.append("scale", name);
    for (const name of [...off].sort()) asked.append("off", name);
    this.write(asked.toString());
  }
}

/** @type {(value: number) => string} */
const rounded = (value) => String(Number(value.toFixed(2)));

/**
 * @param {string | null} from
 * @param {string | null} to
 * @returns {Span | null}
 */
function viewOf(from, to) {
  const [first, last] = [Number(from), Number(to)];
  return from && to && Number.isFinite(last - first) && last - first >= 1 ? [first, last] : null;
}

// The one in the address of this page.
export function lookOfPage() {
  return new Look(location.hash.slice(1), (text) => {
    history.replaceState(history.state, "", text ? `#${text}` : location.pathname + location.search);
  });
}
