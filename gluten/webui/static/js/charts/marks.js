// Marks of events: a dashed line through the chart, with a point and its word at its top.
import { clock } from "../lib/format.js";
import { color } from "./ink.js";

/** @type {Record<string, string>} */
const INKS = {
  node_lost: "bad",
  worker_lost: "bad",
  gap: "bad",
  failed: "bad",
  slo: "bad",
  late: "warn",
  teardown_failed: "warn",
  silent: "warn",
  not_moved: "warn",
  late_numbers: "warn",
  backlog: "warn",
  adjusted: "c6",
  adjust_taken: "c6",
  rebalanced: "c2",
  resumed: "c2",
  stopping: "c2",
  stopped: "c2",
};
/** @type {Record<string, string>} */
const WORDS = { slo: "SLO missed", backlog: "backlog grows", gap: "seconds missing" };
const WORD = 11; // CSS pixels
const GAP = 4;

// The events that are marked. `word` stands in the chart, `text` says all of it.
/**
 * @param {RunEvent[]} events
 * @returns {Mark[]}
 */
export function marksOf(events) {
  return events.flatMap(({ second, kind, text }) =>
    typeof second === "number" && INKS[kind]
      ? { second, ink: INKS[kind], word: WORDS[kind] ?? kind.replaceAll("_", " "), text: `${clock(second)}: ${text}` }
      : [],
  );
}

/**
 * @param {Plot} plot
 * @param {Mark[]} marks
 */
export function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  const seen = marks
    .map((mark) => ({ ...mark, x: Math.round(plot.valToPos(mark.second, "x", true)) + 0.5 }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
  ctx.save();
  for (const { x, ink } of seen) drawLine(plot, x, color(ink));
  drawWords(plot, seen);
  ctx.restore();
}

/**
 * @param {Plot} plot
 * @param {number} x
 * @param {string} ink
 */
function drawLine({ ctx, bbox }, x, ink) {
  ctx.strokeStyle = ctx.fillStyle = ink;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, bbox.top, 3.5 * devicePixelRatio, 0, 7);
  ctx.fill();
}

// A word that another one would touch is left out: the pointer brings it.
/**
 * @param {Plot} plot
 * @param {(Mark & { x: number })[]} marks
 */
function drawWords({ ctx, bbox }, marks) {
  ctx.font = `${WORD * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  ctx.setLineDash([]);
  ctx.lineJoin = "round";
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = color("panel");
  let free = bbox.left;
  for (const { x, word, ink } of [...marks].sort((a, b) => a.x - b.x)) {
    const left = wordAt(x, ctx.measureText(word).width, free, bbox);
    if (left === null) continue;
    ctx.fillStyle = color(ink);
    ctx.strokeText(word, left, bbox.top + GAP * devicePixelRatio);
    ctx.fillText(word, left, bbox.top + GAP * devicePixelRatio);
    free = Math.max(x, left + ctx.measureText(word).width) + GAP * devicePixelRatio;
  }
}

// To the right of its line, or to the left where the chart ends; null where there is no room from `free` on.
/**
 * @param {number} x
 * @param {number} width
 * @param {number} free
 * @param {{ left: number, width: number }} bbox
 */
export function wordAt(x, width, free, bbox) {
  const gap = GAP * devicePixelRatio;
  if (x + gap >= free && x + gap + width <= bbox.left + bbox.width) return x + gap;
  return x - gap - width >= free ? x - gap - width : null;
}
