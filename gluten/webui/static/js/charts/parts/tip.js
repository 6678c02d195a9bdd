// What stands beside the pointer in a chart: the words of events, and what its cell counts.
import { h, show } from "../../lib/dom.js";

const NEAR = 5; // CSS pixels between the pointer and a mark
const ROOM = 8; // between the pointer and the words

export class Tip {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    this.root = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    box.append(this.root);
    box.addEventListener("pointerleave", () => this.tell([]));
  }

  // Cursors of all charts of a group move together: only the chart under the pointer speaks.
  /**
   * @param {Plot} plot
   * @param {Mark[]} marks
   * @param {string} cell
   */
  follow(plot, marks, cell) {
    const { left = -1 } = plot.cursor;
    const isHere = left >= 0 && plot.over.matches(":hover");
    const near = marks.filter(({ second }) => Math.abs(plot.valToPos(second, "x") - left) <= NEAR);
    this.tell(isHere ? [...near.map(({ text }) => text), cell].filter(Boolean) : []);
    if (!this.root.hidden) this.place(plot, left);
  }

  /** @param {string[]} lines */
  tell(lines) {
    this.root.hidden = !lines.length;
    show(
      this.root,
      lines.map((text) => h("div", {}, text)),
    );
  }

  // On the side of the pointer that has more room.
  /**
   * @param {Plot} plot
   * @param {number} left
   */
  place(plot, left) {
    const at = plot.over.offsetLeft + left;
    const isLeft = left > plot.over.clientWidth / 2;
    this.root.style.left = isLeft ? "auto" : `${at + ROOM}px`;
    this.root.style.right = isLeft ? `${this.box.clientWidth - at + ROOM}px` : "auto";
  }
}
