// Who did what to a run: role and address are proved, what they call themselves is not.
import { h } from "../lib/dom.js";
import { timeOfDay, whenExact } from "../lib/format.js";

/** @param {Deed[]} deeds */
export function deedList(deeds) {
  return deeds.map((deed) =>
    h(
      "li",
      { "data-action": deed.action },
      h("span", { class: "kind" }, deed.action),
      h("span", { class: "text" }, [deed.detail, by(deed)].filter(Boolean).join(", ")),
      h("time", { class: "muted", datetime: deed.at, title: whenExact(deed.at) }, timeOfDay(deed.at)),
    ),
  );
}

/** @param {Deed} deed */
function by({ role, address, way, who }) {
  const from = [role, address ? `from ${address}` : "", `by ${way}`].filter(Boolean).join(" ");
  return who ? `${from}, who says: ${who}` : from;
}
