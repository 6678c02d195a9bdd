import { $, frame, pageData, setText, show } from "./lib/dom.js";
import { integer, zoneLong } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { poll } from "./lib/poll.js";
import { currentRun, queueList } from "./widgets/current.js";
import { runTable } from "./widgets/history.js";
import { nodeTable } from "./widgets/nodelist.js";

let limit = 25;

function draw(view) {
  show($("now"), currentRun(view.current, view.spark));
  show($("queue"), queueList(view.queued));
  show($("nodes"), nodeTable(view.nodes), more(view));
  setText($("cluster-note"), cluster(view.counts));
  show($("runs"), runTable(view.runs, $("search").value.trim()));
  $("older").hidden = view.next === null;
}

function cluster({ nodes, cores, states }) {
  const trouble = ["suspect", "lost"].filter((state) => states[state]).map((state) => `${states[state]} ${state}`);
  return [`${integer(nodes)} ${nodes === 1 ? "node" : "nodes"}`, `${integer(cores)} cores for load`, ...trouble].join(" · ");
}

function more(view) {
  const hidden = view.counts.nodes - view.nodes.length;
  if (hidden <= 0) return null;
  const link = document.createElement("a");
  link.href = "/nodes";
  link.textContent = `and ${integer(hidden)} more nodes`;
  return link;
}

async function ask() {
  const search = encodeURIComponent($("search").value.trim());
  try {
    const view = await getJson(`/api/v1/overview?limit=${limit}&search=${search}`);
    draw(view);
    setText($("trouble"), view.notice ?? "");
    $("trouble").hidden = !view.notice;
  } catch (error) {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
    throw error;
  }
}

frame(zoneLong);
draw(pageData());
const again = poll(ask, 1000);
$("search").addEventListener("input", again);
$("older").addEventListener("click", () => { limit = Math.min(limit + 50, 500); again(); });
