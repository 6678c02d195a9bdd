import { Filters, isNarrowed, query } from "./dashboard/filters.js";
import { Queue } from "./dashboard/queue.js";
import { MOST, Trend } from "./dashboard/trend.js";
import { Title } from "./frame/title.js";
import { $, setText, show } from "./lib/dom.js";
import { Baselines } from "./lib/baselines.js";
import { integer } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { poll } from "./lib/poll.js";
import { cluster } from "./widgets/cluster.js";
import { currentRun } from "./widgets/current.js";
import { RunTable } from "./widgets/history.js";
import { NodeTable } from "./widgets/nodelist.js";
import { Selection } from "./widgets/selection.js";

const MOST_RUNS = 500;
let limit = 25;
let told = ""; // what an order of this page came to
/** @type {Run | null} */
let on = null; // the run that was on when the page was drawn last
const title = new Title();
const nodes = new NodeTable($("nodes"));
const baselines = new Baselines();
const selection = new Selection($("selection"), pageData().most, { tell, deleted: () => again() });
const runs = new RunTable($("runs"), selection, baselines, (sort) => filters.sortBy(sort));
const queue = new Queue($("queue"), tell, () => again());
const trend = new Trend($("trend-panel"), $("trend"));
const filters = new Filters($("filters"), $("search"), () => {
  again();
  againTrend();
});

/** @param {string} message */
function tell(message) {
  told = message;
  setText($("trouble"), message);
  $("trouble").hidden = !message;
}

/** @param {Overview} view */
function draw(view) {
  const { asked } = filters;
  watch(view);
  show($("now"), currentRun(view.current, view.spark));
  queue.draw(view.queued);
  nodes.draw(view.nodes);
  show($("more-nodes"), more(view));
  setText($("cluster-note"), cluster(view.counts));
  runs.sorted(asked.sort, asked.order);
  runs.draw(view.runs, isNarrowed(asked), Boolean(view.notice));
  const isFirst = !view.runs.length && !isNarrowed(asked);
  for (const id of ["filters", "search"]) $(id).hidden = isFirst;
  const trouble = view.notice || told;
  setText($("trouble"), trouble);
  $("trouble").hidden = !trouble;
  $("older").hidden = view.next === null || limit === MOST_RUNS;
}

// The run that was on ends somewhere else: in the list, whose filters may leave it out.
/** @param {Overview} view */
async function watch({ current, runs: listed }) {
  const ended = on && on.id !== current?.id ? on : null;
  on = current;
  if (current) title.watch(current);
  if (!ended || !document.hidden) return;
  const found = listed.find((run) => run.id === ended.id) ?? (await getJson(`/api/v1/runs/${ended.id}`));
  title.watch(found, `#${found.number} `);
}

/** @param {Overview} view */
function more(view) {
  const hidden = view.counts.nodes - view.nodes.length;
  if (hidden <= 0) return null;
  const link = document.createElement("a");
  link.href = "/nodes";
  link.textContent = others(hidden, view.counts.states.left ?? 0);
  return link;
}

/** @type {(hidden: number, left: number) => string} */
const others = (hidden, left) =>
  hidden === left
    ? `${integer(left)} ${left === 1 ? "node has" : "nodes have"} left`
    : `and ${integer(hidden)} more ${hidden === 1 ? "node" : "nodes"}`;

// An answer to what is not asked any more is thrown away.
async function ask() {
  const text = query(filters.asked);
  try {
    const view = await getJson(`/api/v1/overview?limit=${limit}${text && `&${text}`}`);
    if (text === query(filters.asked)) draw(view);
    else await ask();
  } catch (error) {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
    throw error;
  }
}

async function askTrend() {
  const { name } = filters.asked;
  const [{ names }] = await Promise.all([getJson("/api/v1/names"), baselines.load()]);
  filters.know(names);
  const found = name ? await getJson(`/api/v1/runs?limit=${MOST}&name=${encodeURIComponent(name)}`) : { runs: [] };
  if (name !== filters.asked.name) return;
  setText($("trend-title"), `Trend of ${name}`);
  trend.draw(found.runs, baselines.list.find((pin) => pin.name === name)?.number ?? null);
}

frame();
draw(pageData());
const again = poll(ask, 1000);
const againTrend = poll(askTrend, 5000);
againTrend();
$("older").addEventListener("click", () => {
  limit = Math.min(limit + 50, MOST_RUNS);
  again();
});
