// What a search has measured, by rate: times, errors, requests in flight, and the interval in which the capacity lies.
import { color, tint } from "../charts/ink.js";
import { splits } from "../charts/parts/rates.js";
import { micros, percent, short } from "../lib/format.js";
import { perSecond } from "./words.js";

/** @typedef {(trial: CapacityTrial) => number | null} Figure */

const ROOM = 1.06; // beyond the highest rate, so that its mark is seen whole
/** @type {Record<string, string>} */
const INK = { holds: "good", misses: "bad" };

// The trials by rate. Where a rate was tried more than once, the last trial is the one on the lines. A time is 0 where
// nothing was answered: then it has no place.
export class ByRate {
  constructor() {
    /** @type {CapacityTrial[]} */
    this.trials = [];
    /** @type {Map<number, CapacityTrial>} */
    this.known = new Map();
    /** @type {Span} */
    this.interval = [0, Infinity];
    /** @type {number | null} */
    this.holds = null;
  }

  /** @param {Capacity} capacity */
  take({ trials, holds, misses }) {
    this.trials = trials;
    this.known = new Map(this.trials.map((trial) => [trial.rate, trial]));
    this.interval = [holds ?? 0, misses ?? Infinity];
    this.holds = holds;
  }

  axis() {
    return [...this.known.keys()].sort((a, b) => a - b);
  }

  // The key of a chart shows the last whole place where nobody points at one: here the capacity.
  /** @param {number} rate */
  isWhole(rate) {
    return this.holds === null || rate <= this.holds;
  }

  /**
   * @param {number[]} axis
   * @param {Figure} pick
   * @returns {Values}
   */
  column(axis, pick) {
    return axis.map((rate) => {
      const trial = this.known.get(rate);
      return trial ? pick(trial) : null;
    });
  }
}

/**
 * @param {ByRate} found
 * @param {() => Maybe<Slo[]>} slos
 * @returns {Spec<ByRate>[]}
 */
export function byRate(found, slos) {
  const across = acrossRates(found);
  /** @type {Figure[]} */
  const [p50, p95, p99, errors, flight] = [
    (one) => one.p50 || null,
    (one) => one.p95 || null,
    (one) => one.p99 || null,
    (one) => one.errors,
    (one) => one.in_flight,
  ];
  return [
    {
      ...part("times", "Response time", "by rate", micros, p99, across),
      always: "log",
      series: (rows, axis) => [
        { label: "p50", color: "c1", values: rows.column(axis, p50) },
        { label: "p95", color: "c7", values: rows.column(axis, p95) },
        { label: "p99", color: "c2", values: rows.column(axis, p99) },
        ...limits(slos() ?? [], axis),
      ],
    },
    {
      ...part("not-good", "Errors", "of the requests, by rate", (value) => percent(value, 1), errors, across),
      top: (high) => Math.max(high * 1.08, 0.01),
      series: (rows, axis) => [{ label: "errors", color: "c4", values: rows.column(axis, errors) }],
    },
    {
      ...part("load", "In flight", "requests, by rate", short, flight, across),
      series: (rows, axis) => [{ label: "in flight", color: "c3", values: rows.column(axis, flight), fill: 0.08 }],
    },
  ];
}

/**
 * @param {string} id
 * @param {string} title
 * @param {string} unit
 * @param {Format} format
 * @param {Figure} pick the figure that has a mark for each trial
 * @param {Across} across
 */
function part(id, title, unit, format, pick, across) {
  /** @type {(plot: Plot, rows: ByRate) => void} */
  const paint = (plot, rows) => paintInterval(plot, rows.interval);
  /** @type {(plot: Plot, rows: ByRate) => void} */
  const over = (plot, rows) => paintTrials(plot, rows.trials, pick);
  return { id: `capacity-${id}`, title, unit, format, across, paint, over };
}

/**
 * @param {ByRate} found
 * @returns {Across}
 */
function acrossRates(found) {
  /** @type {() => Span} */
  const range = () => [0, ROOM * (found.axis().at(-1) ?? 1)];
  return { range, splits: (plot, axis, low, high) => splits(low, high), mark: perSecond };
}

// A limit of all requests' response time is a line across.
/**
 * @param {Slo[]} slos
 * @param {number[]} axis
 * @returns {Line[]}
 */
function limits(slos, axis) {
  return slos
    .filter(({ slo, unit }) => unit === "microseconds" && /^p[\d.]+ *<=? *\S+$/.test(slo))
    .slice(0, 2)
    .map(({ slo, limit }) => ({ label: slo, color: "bad", values: axis.map(() => limit), dash: [6, 4], width: 1.2 }));
}

// Where the capacity lies: a band, or a line where only one end is known.
/**
 * @param {Plot} plot
 * @param {Span} interval
 */
function paintInterval({ ctx, bbox, valToPos }, [holds, misses]) {
  const end = bbox.left + bbox.width;
  /** @type {(rate: number) => number} */
  const at = (rate) => Math.min(end, Math.max(bbox.left, Math.round(valToPos(rate, "x", true))));
  const isOpen = misses === Infinity;
  if (isOpen && !holds) return;
  const [left, right] = [at(holds), isOpen ? end : at(misses)];
  ctx.save();
  ctx.fillStyle = isOpen ? tint("good", 0.06) : tint("warn", 0.22);
  ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
  if (holds) edge(ctx, left, bbox, color("good"));
  if (!isOpen) edge(ctx, right, bbox, color("bad"));
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {{ top: number, height: number }} box
 * @param {string} ink
 */
function edge(ctx, x, { top, height }, ink) {
  ctx.fillStyle = ink;
  ctx.fillRect(x, top, Math.max(1, devicePixelRatio), height);
}

// Each trial as a mark: a disc where the SLOs held, a cross where one did not, a ring where that is not decided.
/**
 * @param {Plot} plot
 * @param {CapacityTrial[]} trials
 * @param {Figure} pick
 */
function paintTrials({ ctx, bbox, valToPos }, trials, pick) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 4, bbox.width, bbox.height + 8);
  ctx.clip();
  for (const trial of trials) {
    const value = pick(trial);
    if (value === null) continue;
    mark(ctx, valToPos(trial.rate, "x", true), valToPos(value, "y", true), trial.state);
  }
  ctx.restore();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {string} state
 */
function mark(ctx, x, y, state) {
  const size = 3.6 * devicePixelRatio;
  ctx.strokeStyle = ctx.fillStyle = color(INK[state] ?? "muted");
  ctx.lineWidth = 1.8 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  if (state === "misses") cross(ctx, x, y, size);
  else ctx.arc(x, y, size, 0, 7);
  if (state === "holds") ctx.fill();
  else ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function cross(ctx, x, y, size) {
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
}
