// What people wrote about a run.
import { h, setText } from "../lib/dom.js";
import { getJson, postJson } from "../lib/http.js";
import { mayChange } from "../lib/page.js";

/**
 * @param {Element} parent
 * @param {string} run
 */
export function notes(parent, run) {
  const place = `/api/v1/runs/${run}/notes`;
  const text = h("textarea", {
    id: "notes-text",
    "data-testid": "notes-text",
    rows: 3,
    maxlength: 10_000,
    "aria-label": "Notes on this run",
    readonly: !mayChange,
  });
  const said = h("span", { class: "muted", role: "status", "data-testid": "notes-state" });
  const save = h("button", { class: "button small", "data-testid": "notes-save", disabled: true }, "Save");
  const form = h("form", { onsubmit: send }, text, mayChange && h("p", { class: "save" }, save, said));
  text.addEventListener("input", () => {
    save.disabled = false;
    setText(said, "");
  });
  parent.append(form);
  getJson(place)
    .then((found) => {
      text.value = found.text;
    })
    .catch((error) => setText(said, error.message));

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    try {
      text.value = (await postJson(place, { text: text.value })).text;
      save.disabled = true;
      setText(said, "saved");
    } catch (error) {
      setText(said, error.message);
    }
  }
}
