// What the colours of a painted chart stand for: a few shades with their counts.
import { h, show, svg } from "../../lib/dom.js";
import { integer } from "../../lib/format.js";

export class Shades {
  constructor() {
    this.root = h("li", { class: "shades" });
  }

  // counts: [whole count, opacity] of each shade, rising.
  /** @param {Shade[]} counts */
  draw(counts) {
    const shown = counts.map(([count, opacity]) => [swatch(opacity), integer(count)]);
    show(
      this.root,
      shown.map((one) => h("span", {}, one)),
      counts.length ? "requests/s in a cell" : "",
    );
  }
}

/** @param {number} opacity */
function swatch(opacity) {
  const rect = svg("rect", { width: 12, height: 10, fill: "var(--c1)", "fill-opacity": opacity.toFixed(2) });
  return svg("svg", { viewBox: "0 0 12 10", "aria-hidden": "true" }, rect);
}
