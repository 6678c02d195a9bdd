// The button that deletes a run. It asks first: only the second press deletes.
import { h, setText } from "../lib/dom.js";
import { deleteJson } from "../lib/http.js";

/**
 * @param {Run} run
 * @param {(message: string) => void} tell
 */
export function deleteButton(run, tell) {
  let asked = false;
  const button = h("button", { type: "button", class: "button", "data-testid": "delete", onclick, onblur }, "Delete");

  /** @param {boolean} value */
  function ask(value) {
    asked = value;
    setText(button, asked ? "Delete for ever?" : "Delete");
    button.classList.toggle("stop", asked);
  }

  function onclick() {
    if (asked) remove();
    else ask(true);
  }

  async function remove() {
    button.disabled = true;
    try {
      await deleteJson(`/api/v1/runs/${run.id}`);
      location.assign("/");
    } catch (error) {
      button.disabled = false;
      ask(false);
      tell(error.message);
    }
  }

  function onblur() {
    if (!button.disabled) ask(false);
  }

  return button;
}
