// The files that a workload names: picked by a person, known to the master by their SHA-256.
import { h, setText } from "../lib/dom.js";
import { bytes } from "../lib/format.js";
import { sha256 } from "../lib/hash.js";
import { putFile } from "../lib/http.js";

export class Files {
  // `known`: SHA-256 by name, of a run that is run again.
  /**
   * @param {Element} box
   * @param {Record<string, string>} known
   * @param {() => void} changed
   */
  constructor(box, known, changed) {
    this.box = box;
    this.changed = changed;
    /** @type {Map<string, string>} */
    this.known = new Map(Object.entries(known));
    /** @type {string[]} */
    this.names = [];
  }

  // The digests of the files that the text names.
  /** @returns {Record<string, string>} */
  get digests() {
    return Object.fromEntries(
      this.names.filter((name) => this.known.has(name)).map((name) => [name, this.known.get(name) ?? ""]),
    );
  }

  get missing() {
    return this.names.filter((name) => !this.known.has(name));
  }

  // The same names keep their inputs.
  /** @param {string[]} names */
  draw(names) {
    this.box.toggleAttribute("hidden", !names.length);
    if (names.join("\n") === this.names.join("\n")) return;
    this.names = names;
    this.box.replaceChildren(
      h("span", { class: "label" }, "Files that it names"),
      ...names.map((name) => this.row(name)),
    );
  }

  /** @param {string} name */
  row(name) {
    const state = h(
      "span",
      { class: "muted", role: "status" },
      this.known.has(name) ? "as in the earlier run" : "to be picked",
    );
    const pick = h("input", { type: "file", "aria-label": name });
    pick.addEventListener("change", () => this.take(name, pick.files?.[0], state));
    return h("div", { class: "upload" }, h("code", {}, name), pick, state);
  }

  /**
   * @param {string} name
   * @param {File | undefined} file
   * @param {Element} state
   */
  async take(name, file, state) {
    if (!file) return;
    this.known.delete(name);
    setText(state, `sending ${bytes(file.size)} …`);
    try {
      const digest = await sha256(await file.arrayBuffer());
      await putFile(digest, file);
      this.known.set(name, digest);
      setText(state, `${bytes(file.size)}, at the master`);
    } catch (error) {
      setText(state, error.message);
    }
    this.changed();
  }
}
