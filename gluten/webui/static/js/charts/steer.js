// The charts of a group by keyboard: one stop of the Tab key, from where keys move and zoom what the mouse zooms, too.
import { h } from "../lib/dom.js";

const PAUSE = 150; // ms: exact figures are asked for when no other key follows
const STEP = 0.2; // of what is shown
const KEYS = "Keys: ← → move, + − zoom, 0 all";

export class Steer {
  /**
   * @param {ChartGroup} group
   * @param {HTMLElement} area
   * @param {Element} box where the keys are told
   */
  constructor(group, area, box) {
    this.group = group;
    this.area = area;
    const hint = h("span", { class: "keyhint", id: `${group.key}-keys` }, KEYS);
    box.append(hint);
    area.tabIndex = 0;
    area.classList.add("steered");
    if (!area.hasAttribute("aria-label")) area.setAttribute("aria-label", "Charts over time");
    if (area.tagName !== "SECTION") area.setAttribute("role", "group");
    area.setAttribute("aria-describedby", hint.id);
    area.addEventListener("keydown", (event) => this.key(event), { signal: group.life.signal });
  }

  focus() {
    this.area.focus({ preventScroll: true });
  }

  // Keys of the buttons inside are theirs.
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target !== this.area || event.altKey || event.ctrlKey || event.metaKey) return;
    const { view, whole, least } = this.group;
    const next = steered(event.key, view, whole, least);
    if (next === undefined) return;
    event.preventDefault();
    if (String(next) !== String(view)) this.group.zoom(next, PAUSE);
  }
}

/** @typedef {(view: Span | null, whole: Span, least: number) => Span | null} Steering */

// What a key makes of the view [from, to]: another one, null for all, undefined where it is none of ours.
// whole: from where to where there is something to see; least: how narrow a view may be.
/**
 * @param {string} key
 * @param {Span | null} view
 * @param {Span} whole
 * @param {number} least
 * @returns {Span | null | undefined}
 */
export function steered(key, view, whole, least) {
  return KEYMAP[key]?.(view, whole, least);
}

/** @type {Steering} */
const all = () => null;
/** @type {Steering} */
const left = (view, whole) => view && moved(view, -STEP * widthOf(view), whole);
/** @type {Steering} */
const right = (view, whole) => view && moved(view, STEP * widthOf(view), whole);
/** @type {Steering} */
const wider = (view, whole) => view && around(middleOf(view), widthOf(view) * 2, whole);

/** @type {Steering} */
const narrower = (view, whole, least) => {
  const from = view ?? whole;
  const width = widthOf(from);
  return width > least ? around(middleOf(from), Math.max(least, width / 2), whole) : view;
};

/** @type {Record<string, Steering>} */
const KEYMAP = {
  0: all,
  Escape: all,
  ArrowLeft: left,
  ArrowRight: right,
  "+": narrower,
  "=": narrower,
  "-": wider,
  _: wider,
};
/** @type {(view: Span) => number} */
const widthOf = ([from, to]) => to - from;
/** @type {(view: Span) => number} */
const middleOf = ([from, to]) => from + (to - from) / 2;

/**
 * @param {number} middle
 * @param {number} width
 * @param {Span} whole
 * @returns {Span | null}
 */
function around(middle, width, whole) {
  return width < whole[1] - whole[0] ? moved([middle - width / 2, middle + width / 2], 0, whole) : null;
}

// By so much, but not past the ends.
/**
 * @param {Span} view
 * @param {number} by
 * @param {Span} whole
 * @returns {Span}
 */
function moved([from, to], by, [first, last]) {
  const step = Math.max(first - from, Math.min(by, last - to));
  return [from + step, to + step];
}
