import { $, setText, show } from "./lib/dom.js";
import { Baselines } from "./lib/baselines.js";
import { integer } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { poll } from "./lib/poll.js";
import { cluster } from "./widgets/cluster.js";
import { currentRun, queueList } from "./widgets/current.js";
import { RunTable } from "./widgets/history.js";
import { NodeTable } from "./widgets/nodelist.js";
import { Selection } from "./widgets/selection.js";

let limit = 25;
const nodes = new NodeTable($("nodes"));
const baselines = new Baselines();
const runs = new RunTable($("runs"), new Selection($("selection"), pageData().most), baselines);

/** @param {Overview} view */
function draw(view) {
  show($("now"), currentRun(view.current, view.spark));
  show($("queue"), queueList(view.queued));
  nodes.draw(view.nodes);
  show($("more-nodes"), more(view));
  setText($("cluster-note"), cluster(view.counts));
  runs.draw(view.runs, $("search").value.trim(), Boolean(view.notice));
  setText($("trouble"), view.notice ?? "");
  $("trouble").hidden = !view.notice;
  $("older").hidden = view.next === null;
}

/** @param {Overview} view */
function more(view) {
  const hidden = view.counts.nodes - view.nodes.length;
  if (hidden <= 0) return null;
  const link = document.createElement("a");
  link.href = "/nodes";
  link.textContent = `and ${integer(hidden)} more ${hidden === 1 ? "node" : "nodes"}`;
  return link;
}

async function ask() {
  const search = encodeURIComponent($("search").value.trim());
  try {
    draw(await getJson(`/api/v1/overview?limit=${limit}&search=${search}`));
  } catch (error) {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
    throw error;
  }
}

frame();
draw(pageData());
const again = poll(ask, 1000);
poll(() => baselines.load(), 5000)();
$("search").addEventListener("input", again);
$("older").addEventListener("click", () => {
  limit = Math.min(limit + 50, 500);
  again();
});
