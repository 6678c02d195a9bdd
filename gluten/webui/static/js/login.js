// The form works without this. A link from another site's page comes without the session's cookie: if there is one,
// what the link was for is shown after all.
import { $, frame } from "./lib/dom.js";
import { zoneLong } from "./lib/format.js";
import { getJson } from "./lib/http.js";

frame(zoneLong);
$("trouble").hidden = !$("trouble").textContent;
if ($("trouble").hidden) {
  getJson("/login/state").then((answer) => { if (answer.in) location.replace($("login").elements.next.value); }).catch(() => {});
}
