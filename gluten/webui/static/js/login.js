// The form works without this. A link from another site's page comes without the session's cookie: if there is one,
// what the link was for is shown after all.
import { $ } from "./lib/dom.js";
import { getJson } from "./lib/http.js";
import { frame } from "./lib/page.js";

frame();
$("trouble").hidden = !$("trouble").textContent;
if ($("trouble").hidden) {
  getJson("/login/state")
    .then((answer) => {
      if (answer.in) location.replace($("login").elements.next.value);
    })
    .catch(() => {});
}
