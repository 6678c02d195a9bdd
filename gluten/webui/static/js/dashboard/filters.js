// Which runs the dashboard lists, and in which order. The page's address says so too: it can be kept and sent on.
import { h } from "../lib/dom.js";

/** @typedef {{ state: string, verdict: string, name: string, search: string, sort: string, order: string }} Asked */

/** @type {Asked} */
const NOTHING = { state: "", verdict: "", name: "", search: "", sort: "number", order: "desc" };
const STATES = ["queued", "running", "finished", "stopped", "failed"];
const VERDICTS = ["valid", "suspect", "invalid"];
/** @type {[sort: string, order: string, words: string][]} */
const ORDERS = [
  ["number", "desc", "newest first"],
  ["number", "asc", "oldest first"],
  ["rate", "desc", "highest rate"],
  ["rate", "asc", "lowest rate"],
  ["p50", "desc", "highest p50"],
  ["p50", "asc", "lowest p50"],
  ["p95", "desc", "highest p95"],
  ["p95", "asc", "lowest p95"],
  ["p99", "desc", "highest p99"],
  ["p99", "asc", "lowest p99"],
  ["errors", "desc", "most errors"],
  ["errors", "asc", "fewest errors"],
  ["requests", "desc", "most requests"],
  ["requests", "asc", "fewest requests"],
  ["duration", "desc", "longest"],
  ["duration", "asc", "shortest"],
];

// What an address asks for, with what it does not say.
/**
 * @param {string} text
 * @returns {Asked}
 */
export function readAddress(text) {
  const found = Object.fromEntries(new URLSearchParams(text));
  return /** @type {Asked} */ (
    Object.fromEntries(Object.entries(NOTHING).map(([key, value]) => [key, found[key] || value]))
  );
}

// The query of what is asked, without what is so anyway.
/** @param {Asked} asked */
export function query(asked) {
  const said = Object.entries(asked).filter(([key, value]) => value !== NOTHING[/** @type {keyof Asked} */ (key)]);
  return new URLSearchParams(said).toString();
}

/** @type {(asked: Asked) => boolean} */
export const isNarrowed = ({ state, verdict, name, search }) => Boolean(state || verdict || name || search);

export class Filters {
  /**
   * @param {Element} parent
   * @param {HTMLInputElement} search
   * @param {() => void} changed
   */
  constructor(parent, search, changed) {
    this.changed = changed;
    this.asked = readAddress(location.search);
    this.search = search;
    this.state = this.select("state", "State", [["", "all states"], ...STATES.map(pair)]);
    this.verdict = this.select("verdict", "Verdict", [["", "all verdicts"], ...VERDICTS.map(pair)]);
    this.name = this.select("name", "Name", [["", "all names"]]);
    this.order = h(
      "select",
      { "data-testid": "order", "aria-label": "Order", class: "narrow-on" },
      ORDERS.map(([sort, order, words]) => h("option", { value: `${sort} ${order}` }, words)),
    );
    this.order.addEventListener("change", () => {
      const [sort, order] = this.order.value.split(" ");
      this.take({ sort, order });
    });
    this.clear = h(
      "button",
      { type: "button", class: "button small ghost", "data-testid": "clear-filters", onclick: () => this.none() },
      "Show all",
    );
    search.addEventListener("input", () => this.take({ search: search.value.trim() }));
    parent.append(this.state, this.verdict, this.name, this.order, this.clear);
    search.value = this.asked.search;
    this.draw();
  }

  /**
   * @param {"state" | "verdict" | "name"} key
   * @param {string} label
   * @param {[value: string, words: string][]} options
   */
  select(key, label, options) {
    const made = h(
      "select",
      { "data-testid": `filter-${key}`, "aria-label": label },
      options.map(([value, words]) => h("option", { value }, words)),
    );
    made.addEventListener("change", () => this.take({ [key]: made.value }));
    return made;
  }

  /** @param {Partial<Asked>} some */
  take(some) {
    Object.assign(this.asked, some);
    const text = query(this.asked);
    history.replaceState(null, "", text ? `/?${text}` : "/");
    this.draw();
    this.changed();
  }

  // A second press turns the order around.
  /** @param {string} sort */
  sortBy(sort) {
    const { sort: known, order } = this.asked;
    this.take({ sort, order: sort === known && order === "desc" ? "asc" : "desc" });
  }

  none() {
    this.search.value = "";
    this.take({ state: "", verdict: "", name: "", search: "" });
    this.search.focus();
  }

  // The names that runs have. The one that is chosen stays, even where no run has it.
  /** @param {{ name: string, runs: number }[]} names */
  know(names) {
    const { name: chosen } = this.asked;
    const known = names.map(({ name, runs }) => option(name, `${name} (${runs})`));
    if (chosen && !names.some(({ name }) => name === chosen)) known.unshift(option(chosen, chosen));
    const fresh = [option("", "all names"), ...known];
    const same =
      fresh.length === this.name.options.length && fresh.every((o, i) => o.isEqualNode(this.name.options[i]));
    if (!same) this.name.replaceChildren(...fresh);
    this.draw();
  }

  draw() {
    const { asked, name } = this;
    if (asked.name && ![...name.options].some(({ value }) => value === asked.name)) {
      name.append(option(asked.name, asked.name));
    }
    this.state.value = asked.state;
    this.verdict.value = asked.verdict;
    name.value = asked.name;
    this.order.value = `${asked.sort} ${asked.order}`;
    this.clear.hidden = !isNarrowed(asked);
  }
}

/** @type {(word: string) => [string, string]} */
const pair = (word) => [word, word];
/** @type {(value: string, words: string) => HTMLOptionElement} */
const option = (value, words) => h("option", { value }, words);
