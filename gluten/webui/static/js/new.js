import { $, h, setText } from "./lib/dom.js";
import { freshKey, postJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { filePick } from "./form/filepick.js";
import { Kind } from "./form/kind.js";
import { schedule } from "./form/plan.js";
import { notTried, tried, trying } from "./form/tried.js";
import { copyButton, showCommand } from "./widgets/commandline.js";
import { spark } from "./widgets/spark.js";
import { summary } from "./widgets/summary.js";
import { gather, hintEmpty, prefill, worded } from "./widgets/taskform.js";

const { task, from, defaults } = pageData();
/** @type {any} its elements are named as the fields of a task */
const form = $("form");
const touched = new Set();
// What is the matter with the file that was picked for a field, until that is filled otherwise.
/** @type {Map<string, string>} */
const unread = new Map();
const FILES = ["body", "cacert", "cert", "key"];
// A start that is repeated is one run; what was changed in between is another.
let key = freshKey();
/** @type {number | undefined} */
let timer;
let turn = 0;

function shape() {
  const chosen = form.elements.shape.value;
  for (const field of form.querySelectorAll("[data-shape]")) {
    field.hidden = !field.dataset.shape.split(" ").includes(chosen);
  }
  hintEmpty(form);
}

// Every field that somebody has been at shows what is wrong with it; `all` shows the rest too.
/**
 * @param {Problem[]} errors
 * @param {boolean} [all]
 */
function mark(errors, all = false) {
  for (const old of form.querySelectorAll(".wrong")) old.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) unmark(input);
  const fresh = errors.filter(({ field }) => !unread.has(field));
  for (const { field, message } of fresh) {
    const input = inputOf(field);
    if (input && (all || touched.has(input.id))) point(input, message);
  }
  for (const [field, message] of unread) point($(field), message);
  sayLoose(all ? errors.filter(({ field }) => !inputOf(field)) : []);
}

// What is wrong with no field of the form.
/** @param {Problem[]} errors */
function sayLoose(errors) {
  setText($("trouble"), errors.map(({ message }) => message).join(" "));
  $("trouble").hidden = !errors.length;
}

// The form's input for a field of the task, or null.
/**
 * @param {string} field
 * @returns {HTMLElement | null}
 */
function inputOf(field) {
  const input = $(field === "keepalive" ? "no_keepalive" : field);
  return form.contains(input) && !input.closest("[hidden]") ? input : null;
}

/** @param {Element} input */
function unmark(input) {
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
}

/**
 * @param {Element} input
 * @param {string} message
 */
function point(input, message) {
  const id = `${input.id}-wrong`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest("details")?.setAttribute("open", "");
  input.closest(".field")?.append(h("p", { class: "wrong", id, "data-testid": id }, message));
}

/** @returns {Promise<TaskCheck>} */
async function asked() {
  try {
    const found = await postJson("/api/v1/tasks/check", kind.complete(gather(form)));
    return { ...found, errors: found.errors.map((/** @type {Problem} */ one) => worded(form, one)) };
  } catch (error) {
    return { ok: false, errors: [{ field: error.field, message: error.message }], command: "" };
  }
}

async function check() {
  const mine = ++turn;
  const answer = await asked();
  if (mine !== turn) return;
  mark(answer.errors);
  showCommand(answer.command);
  kind.show(answer.plan);
  setText($("ready"), answer.ok && !kind.waits ? "Ready to start" : "Not ready yet");
  $("schedule").replaceChildren(...picture(answer.task));
  setText($("summary"), answer.ok ? kind.waits || told(answer) : todo(answer.errors));
}

/** @param {TaskCheck} answer */
function told({ task: asks, planned, plan }) {
  return asks ? summary(asks, planned ?? null, plan?.scenarios.length ? "session" : "request") : "";
}

// The rate over time, where it changes.
/** @param {Maybe<Task>} asks */
function picture(asks) {
  const values = asks ? schedule(asks) : [];
  return values.length ? [spark(values, "spark tall")] : [];
}

/** @param {Problem[]} errors */
function todo(errors) {
  if (kind.chosen === "file" && !form.elements.workload.value.trim()) return "Write or paste a workload file.";
  return kind.chosen === "file" || $("url").value.trim()
    ? `To do: ${errors.map((error) => error.message).join(" · ")}`
    : "Give the URL to load.";
}

/** @param {Event} event */
async function start(event) {
  event.preventDefault();
  if (kind.waits) {
    sayLoose([{ field: "files", message: kind.waits }]);
    return;
  }
  $("start").disabled = true;
  clearTimeout(timer);
  turn += 1;
  try {
    const run = await postJson("/api/v1/runs", kind.complete(gather(form)), { "Idempotency-Key": key });
    location.assign(`/runs/${run.id}`);
  } catch (error) {
    const all = error.field ? (await asked()).errors : [];
    mark(all.length ? all : [worded(form, error)], true);
    form.querySelector("[aria-invalid]")?.focus();
    $("start").disabled = false;
  }
}

// Send each request once, from the master, and show what came back.
async function attempt() {
  $("try").disabled = true;
  trying();
  try {
    if (kind.waits) throw new Error(kind.waits);
    tried(await postJson("/api/v1/tasks/try", kind.complete(gather(form))));
  } catch (error) {
    notTried(worded(form, error).message);
  }
  $("try").disabled = false;
}

function later() {
  key = freshKey();
  clearTimeout(timer);
  timer = setTimeout(check, 150);
}

/**
 * @param {string} field
 * @param {string} message
 */
function refuse(field, message) {
  unread.set(field, message);
  check();
}

frame();
prefill(form, defaults);
const plain = gather(form);
const notes = prefill(form, task);
const kind = new Kind(form, task, plain, later);
if (from) {
  $("origin").replaceChildren(
    "Filled from ",
    h("a", { href: `/runs/${from.id}` }, `run ${from.number}`),
    ". ",
    notes.join(" "),
  );
  $("origin").hidden = false;
}
for (const name of FILES) {
  $(name)
    .closest(".field")
    .querySelector("label")
    .after(filePick($(name), (message) => refuse(name, message)));
}
copyButton();
shape();
check();
form.addEventListener("input", (/** @type {any} */ event) => {
  if (event.target.type === "file") return;
  touched.add(event.target.id);
  unread.delete(event.target.id);
  shape();
  kind.draw();
  later();
});
form.addEventListener("submit", start);
$("try").addEventListener("click", attempt);
// Back from the run's page: what is started now is a new run.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  key = freshKey();
  $("start").disabled = false;
});
if (!from) $("url").focus();
