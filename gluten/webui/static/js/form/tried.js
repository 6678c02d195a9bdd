// What came of sending each request once: what was sent, what was answered, and the checks.
import { $, h } from "../lib/dom.js";
import { micros, span } from "../lib/format.js";
import { answer, sent } from "../requests/failures.js";

// Until the answer is there.
export function trying() {
  show([h("p", { class: "muted", role: "status" }, "Sending each request once …")]);
}

/** @param {string} message */
export function notTried(message) {
  show([h("p", { class: "notice bad", role: "alert" }, message)]);
}

/** @param {Trial} trial */
export function tried({ requests, reason }) {
  show([
    h("p", { class: "muted", role: "status" }, summary(requests)),
    reason ? h("p", { class: "notice bad", role: "alert" }, reason) : "",
    h(
      "ul",
      { class: "failures" },
      requests.map((one) => request(one, requests.length === 1 || !one.good)),
    ),
  ]);
}

/** @param {{ good: boolean }[]} requests */
export function summary(requests) {
  const [count, good] = [requests.length, requests.filter((one) => one.good).length];
  if (!count) return "No request was sent.";
  if (count === 1) return `One request was sent from the master. It was ${good ? "good" : "not good"}.`;
  const which = good === count ? "All" : good ? good : "None";
  return `${count} requests were sent from the master. ${which} of them ${good === 1 ? "was" : "were"} good.`;
}

/** @param {(HTMLElement | string)[]} parts */
function show(parts) {
  $("tried").replaceChildren(h("h2", {}, "Tried"), ...parts.filter(Boolean));
  $("tried").hidden = false;
  $("tried").scrollIntoView({ block: "nearest" });
}

/**
 * @param {TriedRequest} one
 * @param {boolean} open
 */
function request(one, open) {
  return h(
    "li",
    {},
    h(
      "details",
      { open },
      h(
        "summary",
        {},
        h("b", {}, one.request),
        one.session ? h("small", { class: "muted" }, where(one)) : null,
        h("span", { class: one.good ? "kind down" : "kind up" }, `${one.good ? "✓" : "✗"} ${outcome(one)}`),
        one.time === null ? null : h("span", { class: "num" }, micros(one.time)),
      ),
      one.error ? h("p", { class: "wraps" }, one.error.text) : null,
      one.checks.length ? h("ul", { class: "checked" }, one.checks.map(check)) : null,
      taken(one.taken),
      one.ended && one.session ? h("p", { class: "muted" }, "The session ends here.") : null,
      h("div", { class: "split" }, sent(one.sent), answer(one.answer)),
    ),
  );
}

/** @param {TriedRequest} one */
function outcome({ error, answer: found }) {
  return error ? error.kind : `status ${found?.status}`;
}

// The scenario, and how long the session paused before.
/** @param {TriedRequest} one */
function where({ session, pause }) {
  return pause ? `${session}, after a pause of ${span(pause)}` : session;
}

/** @param {TriedRequest["taken"]} values */
function taken(values) {
  const pairs = Object.entries(values);
  if (!pairs.length) return null;
  return h(
    "ul",
    { class: "checked" },
    pairs.map(([name, value]) => h("li", {}, `${name} = ${value}`)),
  );
}

/** @param {{ check: string, holds: boolean }} found */
const check = ({ check: text, holds }) => h("li", { class: holds ? "down" : "up" }, `${holds ? "✓" : "✗"} ${text}`);
