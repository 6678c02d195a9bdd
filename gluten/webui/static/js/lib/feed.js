// A run's updates by server-sent events. The browser comes back by itself with the last id it saw
// (Last-Event-ID); where it gives up, this asks anew with the same number, so nothing is missed or doubled. Rows have
// the figures of one named request, or of none: those of all are nearly all of a long run, and no chart shows them.
import { getJson } from "./http.js";

/**
 * @param {string} run
 * @param {{ update(update: Update): void, state(name: string, message?: string): void }} on
 */
export function follow(run, on) {
  let version = 0;
  /** @type {EventSource} */
  let source;
  let retry = 0;
  let request = "";
  let isOver = false;

  function open() {
    source = new EventSource(`/api/v1/runs/${run}/events?after=${version}&request=${encodeURIComponent(request)}`);
    source.addEventListener("open", () => {
      retry = 0;
      on.state("live");
    });
    source.addEventListener("update", (event) => {
      const update = JSON.parse(event.data);
      if (event.lastEventId) version = Math.max(version, Number(event.lastEventId));
      on.update(update);
      if (update.final) {
        isOver = true;
        source.close();
        on.state("ended");
      }
    });
    source.addEventListener("trouble", (event) => on.state("away", JSON.parse(event.data).message));
    source.addEventListener("error", () => {
      on.state("away", "the master does not answer; the page catches up when it does");
      if (source.readyState !== EventSource.CLOSED) return;
      retry = Math.min(retry + 1, 5);
      getJson(`/api/v1/runs/${run}`) // which finds out if the session has ended
        .catch(() => {})
        .then(() => setTimeout(open, retry * 1000));
    });
  }

  // From now on rows have the figures of this request. The answer is all rows so far, with them.
  /**
   * @param {string} name
   * @returns {Promise<Row[]>}
   */
  async function choose(name) {
    request = name;
    if (!isOver) {
      source.close();
      open();
    }
    return name ? (await getJson(`/api/v1/runs/${run}/seconds?request=${encodeURIComponent(name)}`)).rows : [];
  }

  open();
  return { close: () => source.close(), choose };
}
