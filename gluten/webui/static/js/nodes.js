import { $, frame, pageData, setText, show } from "./lib/dom.js";
import { integer, zoneLong } from "./lib/format.js";
import { getJson } from "./lib/http.js";
import { poll } from "./lib/poll.js";
import { nodeTable } from "./widgets/nodelist.js";

let all = [];

function draw() {
  const words = $("search").value.trim().toLowerCase();
  const shown = all.filter((node) => `${node.name} ${node.state} ${node.address} ${node.role}`.toLowerCase().includes(words));
  const cores = all.reduce((sum, node) => sum + (node.state === "alive" ? node.cores : 0), 0);
  setText($("note"), `${integer(all.length)} nodes · ${integer(cores)} cores alive`);
  show($("nodes"), nodeTable(shown, true));
}

async function ask() {
  try {
    all = (await getJson("/api/v1/nodes")).nodes;
    $("trouble").hidden = true;
  } catch (error) {
    setText($("trouble"), error.message);
    $("trouble").hidden = false;
  }
  draw();
}

frame(zoneLong);
all = pageData().nodes;
draw();
poll(ask, all.length > 200 ? 3000 : 1000);
$("search").addEventListener("input", draw);
