// Buttons that ask first: only the second press does it.
import { h, setText } from "../lib/dom.js";
import { deleteJson } from "../lib/http.js";

/** @typedef {{ name: string, word: string, question: string, look?: string, disabled?: boolean }} Asking */

// `look` is how it looks before it asks. Once it acts it cannot be pressed, unless that fails and `act` calls `again`.
/**
 * @param {Asking} asking
 * @param {(again: () => void) => void} act
 */
export function askingButton({ name, word, question, look = "", disabled = false }, act) {
  let asked = false;
  const kind = look ? `button ${look}` : "button";
  const button = h("button", { type: "button", class: kind, "data-testid": name, disabled, onclick, onblur }, word);

  /** @param {boolean} value */
  function ask(value) {
    asked = value;
    setText(button, asked ? question : word);
    button.className = asked ? "button stop" : kind;
  }

  function onclick() {
    button.disabled = asked;
    if (asked) act(again);
    else ask(true);
  }

  function again() {
    button.disabled = false;
    ask(false);
  }

  function onblur() {
    if (!button.disabled) ask(false);
  }

  return button;
}

/**
 * @param {Run} run
 * @param {(message: string) => void} tell
 */
export function deleteButton(run, tell) {
  return askingButton({ name: "delete", word: "Delete", question: "Delete for ever?" }, async (again) => {
    try {
      await deleteJson(`/api/v1/runs/${run.id}`);
      location.assign("/");
    } catch (error) {
      again();
      tell(error.message);
    }
  });
}
