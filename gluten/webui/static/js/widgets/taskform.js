// The form's fields from a task, and what they ask for. Texts go as they are: the master reads the units.
import { asked } from "../lib/format.js";
import { put, textOf } from "./exact.js";

const TEXTS = ["url", "threads", "connections", "duration", "requests", "method", "timeout", "body", "max_body", "cacert", "cert", "key", "name", "on_loss", "split"];
const LISTS = ["headers", "resolve"];
const HIDDEN = "***";
const PEM = "(PEM)";

export function gather(form) {
  const at = form.elements;
  const task = {};
  for (const name of TEXTS) if (at[name].value !== "") task[name] = textOf(at[name]);
  for (const name of LISTS) task[name] = at[name].value.split("\n").filter((line) => line.trim());
  task.keepalive = !at.no_keepalive.checked;
  task.insecure = at.insecure.checked;
  task.secret = at.secret.checked;
  const pace = at.pace.value;
  if (pace !== "closed") task[pace] = at[pace].value.trim() || "0";
  return task;
}

// What an empty field means, as on the command line.
export function hintEmpty(form) {
  const at = form.elements;
  at.connections.placeholder = at.pace.value === "closed" ? "10, or one for each thread" : "elastic: as many as are needed";
  at.duration.placeholder = at.pace.value === "stages" ? "until the last stage's time" : at.requests.value.trim() ? "no limit" : "10s";
}

// Returns what could not be filled in, in words: secrets are never shown, so they cannot be repeated.
export function prefill(form, task) {
  const at = form.elements;
  const notes = [];
  const clean = task.url.replace(/\/\/\*\*\*@/, "//");
  if (clean !== task.url) notes.push("The URL's user and password are not kept; add them again.");
  const named = clean.replace(/([?&;#][^=&;#?]+=)\*\*\*/g, "$1");
  if (named !== clean) notes.push("Secret parts of the URL are not kept; write them again.");
  if (task.body === HIDDEN) notes.push("The secret body is not kept; add it again.");
  const known = task.headers.filter(([, value]) => value !== HIDDEN);
  if (known.length < task.headers.length) notes.push("Secret headers are not kept; add them again.");
  if ([task.cacert, task.cert, task.key].some((text) => text === PEM || text === HIDDEN)) notes.push("Certificates and keys are not kept; add them again.");
  if (task.body.length >= 4096) notes.push("Only the start of the body is shown here; add all of it again.");
  if (task.body.includes("\ufffd")) notes.push("The body is no text: what is not UTF-8 in it is lost here, so send it with gluten.pyz submit -b @FILE.");
  for (const name of ["threads", "connections", "requests", "method", "name", "on_loss", "split"]) at[name].value = task[name] ?? "";
  for (const name of ["cacert", "cert"]) at[name].value = task[name] === PEM ? "" : task[name];
  at.url.value = named;
  put(at.body, task.body === HIDDEN ? "" : task.body);
  at.max_body.value = size(task.max_body);
  at.duration.value = task.stages.at(-1)?.[0] === task.duration ? "" : asked(task.duration);
  at.timeout.value = asked(task.timeout);
  at.headers.value = known.map(([name, value]) => `${name}: ${value}`).join("\n");
  at.resolve.value = task.resolve.join("\n");
  at.no_keepalive.checked = !task.keepalive;
  at.insecure.checked = task.insecure;
  at.secret.checked = task.secret;
  at.rate.value = task.rate ?? "";
  at.stages.value = task.stages.map(([second, rate]) => `${asked(second)}:${rate}`).join(",");
  at.pace.value = task.stages.length ? "stages" : task.rate ? "rate" : "closed";
  return notes;
}

function size(value) {
  for (const [unit, bytes] of [["G", 2 ** 30], ["M", 2 ** 20], ["k", 2 ** 10]]) if (value >= bytes && value % bytes === 0) return `${value / bytes}${unit}`;
  return String(value);
}
