// A run's updates by server-sent events. The browser comes back by itself with the last id it saw
// (Last-Event-ID); where it gives up, this asks anew with the same number, so nothing is missed or doubled.
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

  function open() {
    source = new EventSource(`/api/v1/runs/${run}/events?after=${version}`);
    source.addEventListener("open", () => {
      retry = 0;
      on.state("live");
    });
    source.addEventListener("update", (event) => {
      const update = JSON.parse(event.data);
      if (event.lastEventId) version = Math.max(version, Number(event.lastEventId));
      on.update(update);
      if (update.final) {
        source.close();
        on.state("ended");
      }
    });
    source.addEventListener("trouble", (event) => on.state("away", JSON.parse(event.data).message));
    source.addEventListener("error", () => {
      on.state("away", "the master does not answer; the page catches up when it does");
      if (source.readyState !== EventSource.CLOSED) return;
      getJson(`/api/v1/runs/${run}`).catch(() => {}); // which finds out if the session has ended
      retry = Math.min(retry + 1, 5);
      setTimeout(open, retry * 1000);
    });
  }
  open();
  return { close: () => source.close() };
}
