// A button beside a text field that takes the text of a file.
import { h } from "../lib/dom.js";
import { put } from "../lib/exact.js";

/** @type {Record<string, string>} */
const WAYS = { body: ": send it with gluten.pyz submit -b @FILE" };

// refused(message) gets what is the matter with the file.
/**
 * @param {Field} field
 * @param {(message: string) => void} refused
 */
export function filePick(field, refused) {
  const name = `${field.id}-file`;
  const pick = h("input", {
    type: "file",
    id: name,
    class: "hidden",
    "data-testid": name,
    onchange: () => take(pick, field, refused),
  });
  return h(
    "label",
    { class: "pickfile", for: name },
    pick,
    "From a file",
    h("span", { class: "hidden" }, ` for ${field.id}`),
  );
}

/**
 * @param {HTMLInputElement} pick
 * @param {Field} field
 * @param {(message: string) => void} refused
 */
async function take(pick, field, refused) {
  const file = pick.files?.[0];
  if (!file) return;
  try {
    put(field, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer()));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    refused(`${field.id}: ${file.name} is no text in UTF-8, and a form holds no other${WAYS[field.id] ?? ""}`);
  }
  pick.value = "";
}
