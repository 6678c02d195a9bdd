// Tiles of big figures. The elements stay; only their texts change, so nothing jumps.
import { h, setText } from "../lib/dom.js";

export const [LAST, WHOLE] = ["last second", "whole run"];

/** @type {(...texts: string[]) => string} */
export const joined = (...texts) => texts.filter(Boolean).join(" · ");

/** @typedef {Record<"box" | "scope" | "value" | "beside" | "under", HTMLElement>} Part */

export class Tiles {
  // names: [key, name] of each tile.
  /**
   * @param {Element} parent
   * @param {string[][]} names
   * @param {string} look
   */
  constructor(parent, names, look) {
    /** @type {Record<string, Part>} */
    this.parts = {};
    parent.append(
      h(
        "dl",
        { class: look },
        names.map(([key, name]) => this.box(key, name)),
      ),
    );
  }

  /**
   * @param {string} key
   * @param {string} name
   */
  box(key, name) {
    const scope = h("span", { class: "scope", "data-testid": `scope-${key}` });
    const value = h("dd", { "data-testid": `figure-${key}` }, "–");
    const beside = h("dd", { class: "beside", "data-testid": `beside-${key}` });
    const under = h("dd", { class: "under", "data-testid": `under-${key}` });
    const title = h("dt", {}, h("span", {}, name), scope);
    const box = h("div", { class: "figure", "data-figure": key }, title, value, beside, under);
    this.parts[key] = { box, scope, value, beside, under };
    return box;
  }

  /**
   * @param {string} key
   * @param {string} scope
   * @param {string} value
   * @param {{ beside?: string, under?: string }} [more]
   */
  put(key, scope, value, { beside = "", under = "" } = {}) {
    const part = this.parts[key];
    setText(part.scope, scope);
    setText(part.value, value);
    setText(part.beside, beside);
    setText(part.under, under);
  }
}
