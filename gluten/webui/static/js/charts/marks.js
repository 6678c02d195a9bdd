// Marks of events: a dashed line through the chart, with a point on its top.
import { color } from "./ink.js";

/** @type {Record<string, string>} */
const MARKS = {
  node_lost: "bad",
  worker_lost: "bad",
  gap: "bad",
  failed: "bad",
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

/**
 * @param {Plot} plot
 * @param {RunEvent[]} events
 */
export function drawMarks(plot, events) {
  plot.ctx.save();
  for (const { second, kind } of events) {
    if (second !== null && second !== undefined && MARKS[kind]) drawMark(plot, second, color(MARKS[kind]));
  }
  plot.ctx.restore();
}

/**
 * @param {Plot} plot
 * @param {number} second
 * @param {string} ink
 */
function drawMark({ ctx, bbox, valToPos }, second, ink) {
  const x = Math.round(valToPos(second, "x", true)) + 0.5;
  if (x < bbox.left || x > bbox.left + bbox.width) return;
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
