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
const WORDS = { adjust_taken: "", slo: "SLO missed", gap: "seconds missing" };
const WORD = 11; // CSS pixels
const GAP = 4;
const LINES = [0, 1]; // of words

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
  const words = once(marks).map((mark) => ({ ...mark, width: ctx.measureText(mark.word).width }));
  for (const { word, ink, left, line } of placed(words, bbox, GAP * devicePixelRatio)) {
    const top = bbox.top + (GAP + line * (WORD + GAP)) * devicePixelRatio;
    ctx.fillStyle = color(ink);
    ctx.strokeText(word, left, top);
    ctx.fillText(word, left, top);
  }
}

// What several nodes say in one second stands there once. That they took another rate says nothing new.
/** @type {<Known extends Mark>(marks: Known[]) => Known[]} */
export const once = (marks) => [
  ...new Map(marks.filter(({ word }) => word).map((mark) => [`${mark.second} ${mark.word}`, mark])).values(),
];

/** @typedef {{ x: number, width: number, word: string, ink: string }} Word */

// Where words stand: right of their marks or left of them, on one of a few lines, the bad ones first. A word that would
// touch another one is left out: the pointer brings it.
/**
 * @param {Word[]} words
 * @param {{ left: number, width: number }} bbox
 * @param {number} gap
 */
export function placed(words, bbox, gap) {
  /** @type {(Word & { left: number, line: number })[]} */
  const found = [];
  for (const word of [...words].sort((one, other) => rank(one) - rank(other) || one.x - other.x)) {
    const places = LINES.flatMap((line) => [word.x + gap, word.x - gap - word.width].map((left) => ({ left, line })));
    const free = places.find((place) => isFree(place.left, place.line, word.width));
    if (free) found.push({ ...word, ...free });
  }
  return found;

  /** @type {(left: number, line: number, width: number) => boolean} */
  function isFree(left, line, width) {
    if (left < bbox.left || left + width > bbox.left + bbox.width) return false;
    return found.every(
      (one) => one.line !== line || left > one.left + one.width + gap || left + width + gap < one.left,
    );
  }
}

/** @type {(word: Word) => number} */
const rank = ({ ink }) => (ink === "bad" ? 0 : ink === "warn" ? 1 : 2);
