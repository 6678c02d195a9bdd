import { $, setText } from "./lib/dom.js";
import { integer } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { frame, pageData } from "./lib/page.js";
import { poll } from "./lib/poll.js";
import { cluster } from "./widgets/cluster.js";
import { inOrder, NodeTable } from "./widgets/nodelist.js";

/** @type {{ nodes: ClusterNode[], counts: ClusterCounts }} */
let view = pageData();
let nodes = inOrder(view.nodes);
const table = new NodeTable($("nodes"), true);

function draw() {
  const words = $("search").value.trim().toLowerCase();
  const shown = nodes.filter((node) =>
    `${node.name} ${node.state} ${node.address} ${node.role} ${node.version}`.toLowerCase().includes(words),
  );
  setText($("note"), cluster(view.counts) + (words ? ` · ${integer(shown.length)} shown` : ""));
  table.draw(shown, nodes.length ? `No node matches “${$("search").value.trim()}”.` : undefined);
}

async function ask() {
  try {
    view = await getJson("/api/v1/nodes");
    nodes = inOrder(view.nodes);
    $("trouble").hidden = true;
  } catch (error) {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
  }
  draw();
}

frame();
draw();
poll(ask, nodes.length > 200 ? 3000 : 1000);
$("search").addEventListener("input", draw);
