// The form's fields from a task, and what they ask for. Texts go as they are: the master reads the units.
import { put, textOf } from "../lib/exact.js";
import { asked } from "../lib/format.js";

const TEXTS = [
  "url",
  "threads",
  "connections",
  "duration",
  "method",
  "timeout",
  "body",
  "max_body",
  "cacert",
  "cert",
  "key",
  "name",
  "on_loss",
  "split",
  "drain",
  "warmup",
  "streams",
];
// These belong to one pace alone: a closed loop, a rate, stages, or a search for the capacity.
const SEARCH = ["search_from", "search_to", "precision", "hold", "at_least"];
/** @type {Record<string, string[]>} */
const OF_SHAPE = {
  closed: ["requests", "ramp", "pace"],
  rate: ["requests", "arrivals"],
  stages: ["requests", "arrivals"],
  capacity: [...SEARCH, "arrivals"],
};
const LISTS = ["headers", "resolve", "slo"];
const HIDDEN = "***";
const PEM = "(PEM)";
// The fields that show a task's value as it is.
/** @type {(keyof Task)[]} */
const PLAIN = ["threads", "connections", "requests", "method", "name", "on_loss", "split"];
// The same with units; none of them need be there.
/** @type {("drain" | "warmup" | "ramp" | "pace")[]} */
const TIMES = ["drain", "warmup", "ramp", "pace"];
const NO_TEXT =
  "The body is no text: what is not UTF-8 in it is lost here, so send it with gluten.pyz submit -b @FILE.";
/** @type {[unit: string, bytes: number][]} */
const UNITS = [
  ["G", 2 ** 30],
  ["M", 2 ** 20],
  ["k", 2 ** 10],
];

/** @param {any} form its elements are named as the fields of a task */
export function gather(form) {
  const at = form.elements;
  /** @type {Record<string, unknown>} */
  const task = {};
  for (const name of TEXTS) if (at[name].value !== "") task[name] = textOf(at[name]);
  for (const name of LISTS) task[name] = at[name].value.split("\n").filter((/** @type {string} */ line) => line.trim());
  task.keepalive = !at.no_keepalive.checked;
  task.http2 = at.http2.checked;
  task.insecure = at.insecure.checked;
  task.secret = at.secret.checked;
  task.slo_sure = at.slo_sure.checked;
  task.trace = at.trace.checked;
  const shape = at.shape.value;
  for (const name of OF_SHAPE[shape]) if (at[name].value !== "") task[name] = textOf(at[name]);
  if (shape === "rate" || shape === "stages") task[shape] = at[shape].value.trim() || "0";
  if (shape === "capacity") task.find_capacity = true;
  return task;
}

/** @type {Record<string, string>} */
const EMPTY = {
  rate: "rate: type one, such as 1k",
  stages: "stages: type points of time:rate, such as 0s:0,30s:1k,2m:1k",
};

// What is the matter, in words. What was not typed at all is no wrong value.
/**
 * @param {any} form its elements are named as the fields of a task
 * @param {Problem} problem
 * @returns {Problem}
 */
export function worded(form, { field, message }) {
  const isEmpty = Object.hasOwn(EMPTY, field) && !form.elements[field].value.trim();
  return { field, message: isEmpty ? EMPTY[field] : message };
}

// What an empty field means, as on the command line.
/** @param {any} form its elements are named as the fields of a task */
export function hintEmpty(form) {
  const at = form.elements;
  at.connections.placeholder =
    at.shape.value === "closed" ? "10, or one for each thread" : "elastic: as many as are needed";
  at.duration.placeholder = LENGTHS[at.shape.value] ?? (at.requests.value.trim() ? "no limit" : "10s");
}

/** @type {Record<string, string>} */
const LENGTHS = { stages: "until the last stage's time", capacity: "10m, at most" };

// Returns what could not be filled in, in words: secrets are never shown, so they cannot be repeated.
/**
 * @param {any} form
 * @param {Task} task
 */
export function prefill(form, task) {
  fill(form.elements, task);
  return lost(task);
}

/** @type {(url: string) => string} */
const withoutUser = (url) => url.replace(/\/\/\*\*\*@/, "//");
/** @type {(url: string) => string} */
const withoutSecrets = (url) => url.replace(/([?&;#][^=&;#?]+=)\*\*\*/g, "$1");
/** @type {(text: string) => boolean} */
const isHidden = (text) => text === PEM || text === HIDDEN;
/** @type {(task: Task) => Task["headers"]} */
const headersOf = (task) => task.headers.filter(([, value]) => value !== HIDDEN);

/** @param {Task} task */
function lost(task) {
  const clean = withoutUser(task.url);
  /** @type {[is: boolean, text: string][]} */
  const losses = [
    [clean !== task.url, "The URL's user and password are not kept; add them again."],
    [withoutSecrets(clean) !== clean, "Secret parts of the URL are not kept; write them again."],
    [task.body === HIDDEN, "The secret body is not kept; add it again."],
    [headersOf(task).length < task.headers.length, "Secret headers are not kept; add them again."],
    [[task.cacert, task.cert, task.key].some(isHidden), "Certificates and keys are not kept; add them again."],
    [task.body.length >= 4096, "Only the start of the body is shown here; add all of it again."],
    [task.body.includes("\ufffd"), NO_TEXT],
  ];
  return losses.filter(([is]) => is).map(([, text]) => text);
}

/**
 * @param {any} at
 * @param {Task} task
 */
function fill(at, task) {
  for (const name of PLAIN) at[name].value = task[name] ?? "";
  at.cacert.value = task.cacert === PEM ? "" : task.cacert;
  at.cert.value = task.cert === PEM ? "" : task.cert;
  at.http2.checked = task.http2 ?? false;
  at.insecure.checked = task.insecure;
  at.secret.checked = task.secret;
  at.slo_sure.checked = task.slo_sure;
  at.trace.checked = task.trace;
  at.no_keepalive.checked = !task.keepalive;
  at.url.value = withoutSecrets(withoutUser(task.url));
  put(at.body, task.body === HIDDEN ? "" : task.body);
  at.max_body.value = size(task.max_body);
  at.timeout.value = asked(task.timeout);
  at.headers.value = headersOf(task)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  at.resolve.value = task.resolve.join("\n");
  at.slo.value = task.slo.join("\n");
  for (const name of TIMES) at[name].value = asked(task[name]);
  at.arrivals.value = task.arrivals ?? "even";
  at.streams.value = task.streams ?? 1;
  fillShape(at, task);
}

/**
 * @param {any} at
 * @param {Task} task
 */
function fillShape(at, task) {
  const { duration, rate, stages, find_capacity: isSearch } = task;
  at.duration.value = stages.at(-1)?.[0] === duration ? "" : asked(duration);
  at.rate.value = rate ?? "";
  at.stages.value = stages.map(([second, reached]) => `${asked(second)}:${reached}`).join(",");
  at.shape.value = isSearch ? "capacity" : stages.length ? "stages" : rate ? "rate" : "closed";
  for (const name of SEARCH) at[name].value = "";
  if (isSearch) fillSearch(at, task);
}

/**
 * @param {any} at
 * @param {Task} task
 */
function fillSearch(at, { search_from: from, search_to: to, precision, hold, at_least: wanted }) {
  at.search_from.value = from ?? "";
  at.search_to.value = to ?? "";
  at.precision.value = precision ? `${Number((precision * 100).toPrecision(12))}%` : "";
  at.hold.value = asked(hold);
  at.at_least.value = wanted ?? "";
}

/** @param {number} value */
function size(value) {
  const [unit, bytes] = UNITS.find(([, each]) => value >= each && value % each === 0) ?? ["", 1];
  return `${value / bytes}${unit}`;
}
