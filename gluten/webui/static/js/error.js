import { frame, pageData } from "./lib/page.js";
import { poll } from "./lib/poll.js";

// What is away for the moment is looked for again; any other answer is worth showing.
async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.status !== 503) location.reload();
}

frame();
if (pageData().away) poll(look, 3000);
