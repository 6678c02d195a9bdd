// The title of a tab that nobody looks at says that a run has ended, until somebody looks.
import { isOver } from "../lib/states.js";

/** @type {Record<string, string>} */
const MARKS = { finished: "✓", stopped: "■", failed: "✗" };

// "✓ finished, valid"
/** @param {{ state: string, verdict: Maybe<Verdict> }} run */
export function ending({ state, verdict }) {
  const [mark, words] = [MARKS[state] ?? "✓", [state, verdict?.value].filter(Boolean).join(", ")];
  return `${mark} ${words}`;
}

export class Title {
  constructor() {
    this.plain = document.title;
    /** @type {Map<string, boolean>} */
    this.live = new Map();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) document.title = this.plain;
    });
  }

  // A run that was over when the page first saw it has not ended under its eyes.
  /**
   * @param {Run} run
   * @param {string} [name] what ended, where the title does not say so
   */
  watch(run, name = "") {
    const wasLive = this.live.get(run.id);
    this.live.set(run.id, !isOver(run));
    if (wasLive && isOver(run) && document.hidden) document.title = `${name}${ending(run)} · ${this.plain}`;
  }
}
