// What the state of a run means, in a sentence; empty where its name says it all.
import { isOver } from "../lib/states.js";

/** @type {(place: number | null | undefined) => string} */
const waiting = (place) => `Waits in the queue${place ? `, at place ${place}` : ""}: one task runs at a time.`;

/** @type {(run: Run) => string} */
export function stateText(run) {
  if (isOver(run)) return endText(run);
  if (run.notice) return run.notice;
  if (run.state === "queued") return run.reason ? `Waits: ${run.reason}.` : waiting(run.queue);
  return "";
}

/** @type {(run: Run) => string} */
function endText(run) {
  if (run.state === "failed") return `The run failed: ${run.reason || "no reason was given"}`;
  if (run.state === "stopped" && run.reason) return `Stopped: ${run.reason}`;
  return run.sent ? "" : "Nothing was sent in this run.";
}
