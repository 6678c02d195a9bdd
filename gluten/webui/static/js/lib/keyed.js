// A table's rows by their keys, taken over from one drawing to the next. A row is made anew only where what it shows
// is no longer the same, so a selection, the focus and the place on the page stay.
/** @typedef {{ text: string, row: Element }} Entry what a row shows, and the row */

/** @template Item */
export class Keyed {
  // make(item) -> a row; key(item) -> who it is; shown(item) -> a text of all that it shows.
  /**
   * @param {Element} body
   * @param {{ make(item: Item): Element, key(item: Item): string, shown(item: Item): string }} of
   */
  constructor(body, { make, key, shown }) {
    this.body = body;
    this.make = make;
    this.key = key;
    this.shown = shown;
    /** @type {Map<string, Entry>} */
    this.known = new Map();
  }

  /** @param {Item[]} items */
  draw(items) {
    const before = this.known;
    this.known = new Map(items.map((item) => [this.key(item), this.entry(item, before.get(this.key(item)))]));
    for (const [key, { row }] of before) if (!this.known.has(key)) row.remove();
    let place = this.body.firstElementChild;
    for (const { row } of this.known.values()) {
      if (row === place) place = place.nextElementSibling;
      else this.body.insertBefore(row, place);
    }
  }

  /**
   * @param {Item} item
   * @param {Entry | undefined} known
   * @returns {Entry}
   */
  entry(item, known) {
    const text = this.shown(item);
    if (known?.text === text) return known;
    const row = this.make(item);
    if (!known) return { text, row };
    exchange(known.row, row);
    return { text, row: known.row };
  }
}

// Cell by cell: what is alike stays.
/**
 * @param {Element} old
 * @param {Element} fresh
 */
function exchange(old, fresh) {
  [...fresh.children].forEach((cell, index) => {
    if (!old.children[index].isEqualNode(cell)) old.children[index].replaceWith(cell);
  });
}
