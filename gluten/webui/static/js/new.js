import { $, frame, h, pageData, setText } from "./lib/dom.js";
import { asked, zoneLong } from "./lib/format.js";
import { freshKey, postJson } from "./lib/http.js";
import { gather, prefill } from "./widgets/taskform.js";

const { task, from } = pageData();
const form = $("form");
const touched = new Set();
const key = freshKey();
let timer = null;
let turn = 0;

function pace() {
  const chosen = form.elements.pace.value;
  for (const field of form.querySelectorAll("[data-pace]")) field.hidden = field.dataset.pace !== chosen;
}

// Every field that somebody has been at shows what is wrong with it; `all` shows the rest too.
function mark(errors, all = false) {
  for (const old of form.querySelectorAll(".wrong")) old.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) unmark(input);
  const loose = [];
  for (const { field, message } of errors) {
    const input = $(field === "keepalive" ? "no_keepalive" : field);
    if (!input || !form.contains(input)) loose.push(message);
    else if (all || touched.has(input.id)) point(input, message);
  }
  setText($("trouble"), all ? loose.join(" ") : "");
  $("trouble").hidden = !(all && loose.length);
}

function unmark(input) {
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
}

function point(input, message) {
  const id = `${input.id}-wrong`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest("details")?.setAttribute("open", "");
  input.closest(".field").append(h("p", { class: "wrong", id, "data-testid": id }, message));
}

async function check() {
  const mine = ++turn;
  let answer;
  try {
    answer = await postJson("/api/v1/tasks/check", gather(form));
  } catch (error) {
    answer = { ok: false, errors: [{ field: error.field, message: error.message }], command: "" };
  }
  if (mine !== turn) return;
  mark(answer.errors);
  setText($("command"), answer.command || "–");
  $("copy").disabled = !answer.ok;
  setText($("summary"), answer.ok ? summary(answer.task) : todo(answer.errors));
}

function todo(errors) {
  return $("url").value.trim() ? `To do: ${errors.map((error) => error.message).join(" · ")}` : "Give the URL to load.";
}

function summary(found) {
  const ends = [found.duration ? `for ${asked(found.duration)}` : "", found.requests ? `until ${found.requests} requests` : ""].filter(Boolean).join(" or ");
  const speed = found.stages.length ? "with a rate in stages" : found.rate ? `at ${found.rate} requests/s` : "as fast as answers come";
  return `${found.method} over ${found.connections} connections from ${found.threads} threads, ${ends}, ${speed}.`;
}

async function start(event) {
  event.preventDefault();
  $("start").disabled = true;
  clearTimeout(timer);
  turn += 1;
  try {
    const run = await postJson("/api/v1/runs", gather(form), { "Idempotency-Key": key });
    location.assign(`/runs/${run.id}`);
  } catch (error) {
    for (const input of form.querySelectorAll("input, textarea")) touched.add(input.id);
    mark([{ field: error.field, message: error.message }], true);
    form.querySelector("[aria-invalid]")?.focus();
    $("start").disabled = false;
  }
}

// The clipboard needs a secure context, which a master on a plain address is not: then the old way.
async function copy() {
  const text = $("command").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange();
    range.selectNodeContents($("command"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
  }
  setText($("copy"), "Copied");
  setTimeout(() => setText($("copy"), "Copy"), 1500);
}

frame(zoneLong);
const notes = prefill(form, task);
if (from) {
  $("origin").replaceChildren("Filled from ", h("a", { href: `/runs/${from.id}` }, `run ${from.number}`), ". ", notes.join(" "));
  $("origin").hidden = false;
}
pace();
check();
form.addEventListener("input", (event) => {
  touched.add(event.target.id);
  pace();
  clearTimeout(timer);
  timer = setTimeout(check, 150);
});
form.addEventListener("submit", start);
$("copy").addEventListener("click", copy);
if (!from) $("url").focus();
