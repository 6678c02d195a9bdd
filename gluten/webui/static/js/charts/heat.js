import { clock, integer, micros, short } from "../lib/format.js";

/** @typedef {{ counts: number[], seconds: number, wide: number, from: number, to: number }} Cell what is painted at one
 *    place along x */
/** @typedef {{ cells: Map<number, Cell>, most: number }} Painted */

const BANDS = 4; // to a doubling, from 1 µs on, as in the rows' `heat`: the first band, then a count for each
const LONG = 600;
const SHADES = [0, 0.25, 0.5, 0.75, 1]; // of the strongest colour
const [FAINT, POWER] = [0.08, 0.4]; // of the colour of a single request, and of the share that the others have
/** @type {WeakMap<Plot, Painted>} */
const painted = new WeakMap();
/** @type {(band: number) => number} */
const edge = (band) => 2 ** (band / BANDS);

// All response times: a column is a second (or, where the screen has fewer columns than the view seconds, some of
// them), a row a band of times, and the stronger the colour, the more requests.
/** @type {Spec<Rows>} */
export const heat = {
  id: "heat",
  title: "Response times of all requests",
  format: micros,
  always: "log",
  span: (rows) => extent(rows.list),
  series: (rows, axis) => [line("p99", "c2", times(rows, axis, "p99")), line("p50", "ink", times(rows, axis, "p50"))],
  paint(u, rows, axis, rgb) {
    const cells = columns(rows, axis, u);
    const most = [...cells.values()].reduce((top, cell) => Math.max(top, Math.max(...cell.counts) / cell.seconds), 1);
    painted.set(u, { cells, most });
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    u.ctx.clip();
    u.ctx.fillStyle = rgb;
    for (const [left, cell] of cells) column(u, left, cell, most);
    u.ctx.restore();
  },
  cell: (u) => told(u, painted.get(u)?.cells),
  shades(u) {
    const { cells, most } = painted.get(u) ?? { cells: new Map(), most: 1 };
    return cells.size ? legend(most) : [];
  },
};

// Whole counts from a single request to the most, each once: with few requests, there are fewer than `SHADES`.
/** @type {(most: number) => Shade[]} */
export const legend = (most) => {
  const counts = SHADES.map((part) => Math.max(1, Math.round(most * part ** (1 / POWER))));
  return [...new Set(counts)].map((count) => [count, opacity(Math.min(1, count / most) ** POWER)]);
};

// How strong the colour is, by what the root of the share is.
/** @type {(part: number) => number} */
const opacity = (part) => FAINT + (1 - FAINT) * part;

// Over a long run the lines would hide what they lie on: then the key alone has their figures.
/** @type {(label: string, color: string, shown: Values) => Line} */
const line = (label, color, shown) => ({
  label,
  color,
  shown,
  width: 1.2,
  values: shown.length > LONG ? shown.map(() => null) : shown,
});
/** @type {(rows: Rows, axis: number[], key: "p50" | "p99") => Values} */
const times = (rows, axis, key) => rows.column(axis, (row) => (row.completed ? row[key] : null));

// The times between which all bands lie, with a little room.
/**
 * @param {Row[]} list
 * @returns {Span}
 */
function extent(list) {
  let [low, high] = [Infinity, -Infinity];
  for (const { heat: bands } of list) {
    if (!bands?.length) continue;
    low = Math.min(low, bands[0]);
    high = Math.max(high, bands[0] + bands.length - 1);
  }
  return low > high ? [100, 10_000] : [Math.max(1, edge(low - 1)), edge(high + 2)];
}

// Left edge in pixels -> what is painted there: counts by band, over how many seconds, and how wide.
/**
 * @param {Rows} rows
 * @param {number[]} axis
 * @param {Plot} u
 */
function columns(rows, axis, u) {
  const { min: from = -Infinity, max: to = Infinity } = u.scales.x;
  /** @type {Map<number, Cell>} */
  const found = new Map();
  for (const second of axis) {
    const bands = rows.known.get(second)?.heat;
    if (second < from - 1 || second > to || !bands?.length) continue;
    const left = Math.round(u.valToPos(second - 0.5, "x", true));
    const wide = Math.max(1, Math.round(u.valToPos(second + 0.5, "x", true)) - left);
    const cell = found.get(left) ?? { counts: [], seconds: 0, wide, from: second, to: second };
    cell.seconds += 1;
    cell.to = second;
    add(cell.counts, bands);
    found.set(left, cell);
  }
  return found;
}

/**
 * @param {number[]} counts
 * @param {number[]} bands
 */
function add(counts, [first, ...more]) {
  while (counts.length < first + more.length) counts.push(0);
  more.forEach((count, index) => {
    counts[first + index] += count;
  });
}

// The root's root of the share: one slow request among thousands is seen too.
/**
 * @param {Plot} u
 * @param {number} left
 * @param {Cell} cell
 * @param {number} most
 */
function column(u, left, { counts, seconds, wide }, most) {
  counts.forEach((count, band) => {
    if (!count) return;
    const top = Math.round(u.valToPos(edge(band + 1), "y", true));
    const foot = Math.round(u.valToPos(edge(band), "y", true));
    u.ctx.globalAlpha = opacity((count / seconds / most) ** POWER);
    u.ctx.fillRect(left, top, wide, Math.max(1, foot - top));
  });
}

// The cell under the pointer, in words.
/**
 * @param {Plot} u
 * @param {Map<number, Cell>} [cells]
 */
function told(u, cells = new Map()) {
  const { left = -1, top = -1 } = u.cursor;
  const at = u.bbox.left + left * devicePixelRatio;
  const found = [...cells].find(([edgeAt, { wide }]) => at >= edgeAt && at < edgeAt + wide)?.[1];
  if (!found || left < 0 || top < 0) return "";
  const band = Math.floor(BANDS * Math.log2(Math.max(1, u.posToVal(top, "y"))));
  return `${placeOf(found)}, ${micros(edge(band))} to ${micros(edge(band + 1))}: ${countOf(found, band)}`;
}

/** @type {(cell: Cell) => string} */
const placeOf = ({ from, to }) => (from === to ? clock(from) : `${clock(from)} to ${clock(to)}`);

/**
 * @param {Cell} cell
 * @param {number} band
 */
function countOf({ counts, seconds }, band) {
  const count = counts[band] ?? 0;
  return `${integer(count)} requests${seconds > 1 ? `, ${short(count / seconds)}/s` : ""}`;
}
