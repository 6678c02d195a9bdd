// Rate against p99: each second is a point. Where the points turn upwards, the target has no more to give.
import { clock, micros, short } from "../../lib/format.js";
import { tint } from "../ink.js";
import { splits } from "../parts/rates.js";

const ROOM = 1.06; // beyond the highest rate
const SIZE = 2.6; // CSS pixels
const [SEEN, OUT] = [0.75, 0.18]; // of the seconds in view, and of the others

/** @typedef {{ rate: number, second: number, p99: number }} Point */

// The rate is what was asked of the target, in a closed loop and with sessions what it did. The seconds to which the
// other charts are zoomed stand out.
/**
 * @param {boolean} hasSessions
 * @returns {Spec<Rows>}
 */
export function knee(hasSessions) {
  /** @type {Point[]} */
  let points = [];
  return {
    id: "knee",
    title: "Rate against p99",
    unit: "a point a second",
    none: "no answers",
    format: micros,
    log: true,
    own(rows, axis) {
      points = pointsOf(rows, axis, hasSessions);
      return points.map(({ rate }) => rate);
    },
    across: {
      range: () => [0, ROOM * (points.at(-1)?.rate ?? 1)],
      splits: (plot, axis, low, high) => splits(low, high),
      mark: perSecond,
    },
    series: () => [{ label: "p99", color: "c1", values: points.map(({ p99 }) => p99), isBare: true }],
    over: (plot, rows, view) => points.forEach((point) => dot(plot, point, isSeen(point, view))),
    cell: (plot) => told(points[plot.cursor.idx ?? -1]),
  };
}

// The whole seconds in which something came back, by rate.
/**
 * @param {Rows} rows
 * @param {number[]} axis
 * @param {boolean} hasSessions
 */
export function pointsOf(rows, axis, hasSessions) {
  return axis
    .flatMap((second) => {
      const row = rows.known.get(second);
      return row?.completed && rows.isWhole(second) ? [row] : [];
    })
    .map(({ second, asked, completed, p99 }) => ({ rate: (hasSessions ? null : asked) ?? completed, second, p99 }))
    .sort((one, other) => one.rate - other.rate);
}

/** @type {Format} */
const perSecond = (rate) => `${short(rate)}/s`;

/** @param {Point | undefined} point */
const told = (point) => (point ? `${clock(point.second)}: ${perSecond(point.rate)}, p99 ${micros(point.p99)}` : "");

/** @type {(point: Point, view: Span | null) => boolean} */
const isSeen = ({ second }, view) => !view || (second >= view[0] && second <= view[1]);

/**
 * @param {Plot} plot
 * @param {Point} point
 * @param {boolean} stands
 */
function dot(plot, { rate, p99 }, stands) {
  const { ctx } = plot;
  ctx.fillStyle = tint("c1", stands ? SEEN : OUT);
  ctx.beginPath();
  ctx.arc(plot.valToPos(rate, "x", true), plot.valToPos(p99, "y", true), SIZE * devicePixelRatio, 0, 7);
  ctx.fill();
}
