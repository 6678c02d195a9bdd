// What happened in a run, newest last.
import { h } from "../lib/dom.js";
import { clock, timeOfDay, whenExact } from "../lib/format.js";

/** @param {RunEvent[]} events */
export function eventList(events) {
  if (!events.length) return h("li", {}, h("span", { class: "muted" }, "nothing yet"));
  return events.map((event) =>
    h(
      "li",
      { "data-kind": event.kind },
      h("span", { class: "muted" }, event.second === null || event.second === undefined ? "–" : clock(event.second)),
      h("span", { class: "kind" }, event.kind.replaceAll("_", " ")),
      h("span", { class: "text" }, event.text),
      h("time", { class: "muted", datetime: event.at, title: whenExact(event.at) }, timeOfDay(event.at)),
    ),
  );
}
