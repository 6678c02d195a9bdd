import { Group } from "./charts/group.js";
import { lookOfPage } from "./charts/parts/look.js";
import { drawHistory } from "./capacity/history.js";
import { CapacityPanel } from "./capacity/panel.js";
import { Figures } from "./figures/figures.js";
import { drawVerdict } from "./figures/verdict.js";
import { Title } from "./frame/title.js";
import { $, h, setText, show } from "./lib/dom.js";
import { isAdjustable, isPaced } from "./lib/asked.js";
import { Baselines } from "./lib/baselines.js";
import { follow } from "./lib/feed.js";
import { integer } from "./lib/format.js";
import { freshKey, getJson, postJson } from "./lib/http.js";
import { badOf, codes } from "./lib/outcome.js";
import { frame, mayChange, pageData } from "./lib/page.js";
import { Rows } from "./lib/rows.js";
import { isOver } from "./lib/states.js";
import { stateText } from "./figures/statetext.js";
import { Choice } from "./requests/choice.js";
import { ByRequest } from "./requests/named.js";
import { drawChecks, drawRequests } from "./requests/table.js";
import { runCharts } from "./run/charts.js";
import { drawCurves } from "./run/curves.js";
import { Sessions } from "./sessions/panel.js";
import { deedList } from "./widgets/deeds.js";
import { eventList } from "./widgets/events.js";
import { head } from "./widgets/head.js";
import { RateControl } from "./widgets/ratecontrol.js";
import { notes } from "./widgets/notes.js";
import { report } from "./widgets/report.js";
import { Slos } from "./widgets/slos.js";
import { Window } from "./widgets/window.js";

/** @type {Run} */
let run = pageData().run;
const { task } = run; // updates come without the text of its workload
const rows = new Rows();
const named = new ByRequest(rows);
/** @type {RunEvent[]} */
const events = [];
const baselines = new Baselines();
const title = new Title();
let shownHead = "";
let complete = false;
let isTold = false; // the figures of the view that the address has

/** @type {Report | null} */
let known = null; // the report, without its seconds
const paced = isPaced(run.task);
const hasSessions = Boolean(run.sessions);

const headBox = h("div");
const hint = h("p", { class: "notice warn", role: "status", hidden: true, "data-testid": "hint" });
const trouble = h("p", { class: "notice bad", role: "alert", hidden: true, "data-testid": "trouble" });
const state = h("p", { class: "notice", role: "status", hidden: true, "data-testid": "state" });
$("head").append(headBox, trouble, state, hint);
$("charts").className = "charts";
const slos = new Slos($("slos"));
const capacity = new CapacityPanel($("capacity"));
const figures = new Figures($("figures"), paced);
const users = new Sessions($("sessions"));
const codeLine = h("p", { class: "codes", hidden: true, "data-testid": "codes" });
$("figures").append(codeLine);
const rate = mayChange && isAdjustable(run) ? new RateControl($("figures"), run, tell) : null;
const chosen = new Window($("window"), run.id, rows);
const charts = runCharts(named, paced, hasSessions);
const look = lookOfPage();
const group = new Group($("charts"), charts, rows, { zoom: zoomed }, false, look);
const choice = new Choice(
  $("choice"),
  async (name) => {
    look.choose(name);
    await named.ask(name, feed).catch((error) => tell(error.message));
    group.redraw();
  },
  look.of,
);
$("unzoom").addEventListener("click", () => {
  group.zoom(null);
  group.steer.focus();
});

/**
 * @param {Span | null} view
 * @param {number} pause
 */
function zoomed(view, pause) {
  $("unzoom").disabled = !view;
  chosen.show(view, pause);
}

/** @param {string} message */
function tell(message) {
  setText(trouble, message);
  trouble.hidden = !message;
}

function drawHead() {
  const pins = [baselines.isPinned(run), baselines.rival(run)?.number];
  const key = [run.state, run.verdict?.value, run.started_at, ...pins].join(" ");
  if (key === shownHead) return;
  shownHead = key;
  headBox.replaceChildren(head(run, baselines, { stop, again, pin, tell }));
}

function drawState() {
  const text = stateText(run);
  setText(state, text);
  state.hidden = !text;
  state.className = run.state === "failed" ? "notice bad" : run.notice && !isOver(run) ? "notice warn" : "notice";
}

function drawHint() {
  setText(hint, run.hint ?? "");
  hint.hidden = !run.hint || isOver(run);
}

function drawCodes() {
  const text = codes(rows.statuses);
  codeLine.hidden = !text;
  codeLine.classList.toggle("up", badOf(rows.statuses) > 0);
  setText(codeLine, `Responses by status: ${text}`);
}

// What came back after the end of load is in the totals, and in no chart.
function drawDrain() {
  const { completed, failed } = rows.totals((row) => ({ completed: row.completed, failed: row.failed }), rows.drain);
  const parts = [completed ? `${integer(completed)} answered` : "", failed ? `${integer(failed)} failed` : ""];
  const text = parts.filter(Boolean).join(", ");
  $("drain").hidden = !text;
  setText($("drain"), `After the end of load: ${text}. The totals contain these requests, the charts do not.`);
}

function draw() {
  title.watch(run);
  drawHead();
  drawState();
  drawHint();
  slos.draw(run.slo);
  drawVerdict($("outcome"), isOver(run) ? run.verdict : null);
  capacity.draw(run);
  drawCodes();
  named.endAt(isOver(run) ? (run.duration ?? Infinity) : Infinity, run.asked_duration ?? Infinity);
  const adjusted = events.some((event) => event.kind === "adjusted");
  figures.draw(run, rows, adjusted, known?.connections);
  users.draw(run, rows, known);
  drawRequests(run);
  choice.draw(run.by_request);
  drawDrain();
  rate?.draw(run, hasSessions ? rows.settled?.begun : rows.settled?.completed);
  drawCharts();
}

// The axis of a short run is as long as the run from its start on.
function drawCharts() {
  const asked = run.asked_duration || Infinity;
  group.events = events;
  group.ended = isOver(run);
  group.room(isOver(run) ? 0 : asked <= 180 ? asked : 60);
  group.redraw();
  $("charts-panel").hidden = isOver(run) && complete && !rows.list.length;
}

/** @param {Update} update */
function take(update) {
  named.take(update.rows);
  // A long history comes in pieces: to draw each of them would take longer than to read them all.
  if (update.more) return;
  run = { ...update.run, task };
  complete = update.final;
  events.push(...update.events);
  if (update.events.length || !events.length) show($("events"), eventList(events));
  if (update.events.length) drawDeeds();
  draw();
  if (look.view && !isTold) zoomed(look.view, 0);
  isTold = true;
  if (update.final) finish();
}

// What was done is on record a moment after it was done.
async function drawDeeds() {
  await new Promise((done) => {
    setTimeout(done, 300);
  });
  const { deeds } = await getJson(`/api/v1/runs/${run.id}/deeds`).catch(() => ({ deeds: [] }));
  if (!deeds.length) return;
  show($("deeds"), deedList(deeds));
  $("deeds-panel").hidden = false;
}

async function finish() {
  if (rate) rate.root.hidden = true;
  try {
    /** @type {Report} */
    const value = await getJson(`/api/v1/runs/${run.id}/report?seconds=0`);
    known = value;
    draw();
    drawChecks(value);
    $("report").replaceChildren(...report(value));
    const drawn = await drawCurves($("curves"), value, look);
    $("curves").closest("section").hidden = !drawn;
    await drawHistory($("searches"), run);
  } catch (error) {
    tell(`The report cannot be shown: ${error.message}`);
  }
}

async function stop() {
  try {
    const answer = await postJson(`/api/v1/runs/${run.id}/stop`, {});
    // The stream may have told of the end before this answer came: what is older must not take its place.
    if (answer.version > run.version) run = answer;
    draw();
  } catch (error) {
    tell(error.message);
    shownHead = "";
    drawHead();
  }
}

/** @param {any} event */
async function pin(event) {
  event.currentTarget.disabled = true;
  try {
    await baselines.pin(run, !baselines.isPinned(run));
    tell("");
    drawDeeds();
  } catch (error) {
    tell(error.message);
    shownHead = "";
  }
  drawHead();
  /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=pin]"))?.focus();
}

// What the page was shown without its secrets, or without bytes that are no text, cannot be sent again as it is.
/** @param {any} event */
async function again(event) {
  if (/\*\*\*|\(PEM\)|\ufffd/.test(JSON.stringify(run.task)) || run.task.body.length >= 4096) {
    location.assign(`/runs/new?from=${run.id}`);
    return;
  }
  event.currentTarget.disabled = true;
  try {
    const fresh = await postJson("/api/v1/runs", run.task, { "Idempotency-Key": freshKey() });
    location.assign(`/runs/${fresh.id}`);
  } catch (error) {
    shownHead = "";
    drawHead();
    tell(error.message);
  }
}

frame();
notes($("notes"), run.id);
let away = false;
const feed = follow(run.id, {
  update: take,
  state(name, message) {
    if (name === "away") tell(message ?? "");
    else if (away) tell("");
    away = name === "away";
  },
});
draw();
baselines
  .load()
  .then(drawHead)
  .catch((error) => tell(error.message));
