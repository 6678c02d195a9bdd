// What states and verdicts mean, and the class that colours them.
/** @type {Record<string, string>} */
const RUN = {
  queued: "info",
  starting: "info live",
  running: "good live",
  stopping: "warn live",
  finished: "",
  stopped: "warn",
  failed: "bad",
};
/** @type {Record<string, string>} */
const NODE = { alive: "good", suspect: "warn", lost: "bad", left: "" };
/** @type {Record<string, string>} */
const VERDICT = { valid: "good", suspect: "warn", invalid: "bad" };
const OVER = new Set(["finished", "stopped", "failed"]);

/** @type {(run: { state: string }) => boolean} */
export const isOver = (run) => OVER.has(run.state);
/** @type {(state: string) => string} */
export const runClass = (state) => RUN[state] ?? "";
/** @type {(state: string) => string} */
export const nodeClass = (state) => NODE[state] ?? "";
/** @type {(value: string) => string} */
export const verdictClass = (value) => VERDICT[value] ?? "";
/** @type {(run: { name: string, url: string }) => string} */
export const runName = (run) => run.name || run.url;
