// The first failure of each kind for each request, with what was sent and what came back.
import { h } from "../lib/dom.js";
import { clock, DASH, integer } from "../lib/format.js";

/** @param {Report} value */
export function failures({ failures: found = [] }) {
  if (!found.length) return [];
  return [
    h(
      "section",
      { class: "panel", "aria-label": "First failures", "data-testid": "failures" },
      h("header", {}, h("h2", {}, "First failures")),
      h(
        "p",
        { class: "muted" },
        "The first of each kind for each request. Open one to see what was sent and answered.",
      ),
      h("ul", { class: "failures" }, found.map(failure)),
    ),
  ];
}

/** @param {Failure} found */
function failure(found) {
  const where = `first at ${clock(found.second)} on ${found.node}`;
  return h(
    "li",
    {},
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("b", {}, found.request),
        h("span", { class: "up kind" }, found.kind),
        h("span", { class: "num" }, `× ${integer(found.count)}`),
        h("span", { class: "muted" }, where),
      ),
      found.text ? h("p", { class: "wraps" }, found.text) : null,
      found.trace ? h("p", { class: "wraps" }, "Trace: ", h("code", {}, found.trace)) : null,
      h("div", { class: "split" }, sent(found.sent), answer(found.answer)),
    ),
  );
}

/** @type {(title: string, line: string, headers: [string, string][], body: string) => HTMLElement} */
const message = (title, line, headers, body) =>
  h(
    "div",
    { class: "message" },
    h("h3", {}, title),
    h("pre", {}, [line, ...headers.map(([name, text]) => `${name}: ${text}`), ...(body ? ["", body] : [])].join("\n")),
  );

/** @param {Failure["sent"]} found */
export const sent = (found) => message("Sent", `${found.method} ${found.url}`, found.headers, found.body);

/** @param {Failure["answer"]} found */
export const answer = (found) =>
  found
    ? message("Answered", `Status ${found.status}`, found.headers, found.body)
    : h("div", { class: "message" }, h("h3", {}, "Answered"), h("p", { class: "muted" }, `${DASH} no response came.`));
