import { $, frame, pageData, setText, show } from "./lib/dom.js";
import { integer, zoneLong } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { poll } from "./lib/poll.js";
import { currentRun, queueList } from "./widgets/current.js";
import { runTable } from "./widgets/history.js";
import { nodeTable } from "./widgets/nodelist.js";

const live = { id: "", points: [], completed: 0, elapsed: 0 };
let limit = 25;

// The current run's throughput of the last minutes, from the differences of its totals.
function remember(run) {
  if (run.id !== live.id) Object.assign(live, { id: run.id, points: run.summary?.spark?.slice(0, -1) ?? [], completed: run.completed, elapsed: run.elapsed });
  const seconds = run.elapsed - live.elapsed;
  if (seconds < 0.9) return;
  live.points.push(Math.max(0, (run.completed - live.completed) / seconds));
  live.points.splice(0, Math.max(0, live.points.length - 180));
  Object.assign(live, { completed: run.completed, elapsed: run.elapsed });
}

function draw(view) {
  if (view.current) remember(view.current);
  show($("now"), currentRun(view.current, live.points));
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
    draw(await getJson(`/api/v1/overview?limit=${limit}&search=${search}`));
    $("trouble").hidden = true;
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
