// Ask again and again, one question at a time, slower while nobody looks; at once when the tab comes back.
/**
 * @param {() => Promise<unknown>} ask
 * @param {number} [pause]
 */
export function poll(ask, pause = 1000) {
  /** @type {number | undefined} */
  let timer;
  let busy = false;
  async function turn() {
    clearTimeout(timer);
    if (busy) return;
    busy = true;
    await ask().catch(() => {});
    busy = false;
    timer = setTimeout(turn, document.hidden ? pause * 10 : pause);
  }
  document.addEventListener("visibilitychange", () => document.hidden || turn());
  timer = setTimeout(turn, pause);
  return turn;
}
