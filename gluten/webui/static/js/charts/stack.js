// Layers on each other: each line is drawn at the sum of those below, its key shows its own figure.
const COLORS = ["c4", "c2", "c3", "c6", "c8", "c5", "c7", "c1"];

/** @type {(kind: string, index: number) => string} */
const usual = (kind, index) => COLORS[index % COLORS.length];

/**
 * @param {Rows} rows
 * @param {number[]} axis
 * @param {(row: Row) => Maybe<Counts>} pick
 * @param {string[]} kinds
 * @param {(kind: string, index: number) => string} [colorOf]
 * @returns {Line[]}
 */
export function stack(rows, axis, pick, kinds, colorOf = usual) {
  let below = axis.map(() => 0);
  return kinds.map((kind, index) => {
    const shown = rows.column(axis, (row) => pick(row)?.[kind] ?? 0);
    const values = shown.map((value, place) => (value === null ? null : value + below[place]));
    below = values.map((value, place) => value ?? below[place]);
    const name = colorOf(kind, index);
    return { label: kind, color: name, values, shown, fill: index ? undefined : 0.4, band: index > 0, width: 1 };
  });
}
