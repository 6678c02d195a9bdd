// Which request the charts are of: all, or one by its name.
import { h } from "../lib/dom.js";

export class Choice {
  // `wanted` is chosen once it is there.
  /**
   * @param {Element} parent
   * @param {(name: string) => void} chosen
   * @param {string} [wanted]
   */
  constructor(parent, chosen, wanted = "") {
    this.names = "";
    this.wanted = wanted;
    this.chosen = chosen;
    this.select = h("select", { "data-testid": "choice" });
    this.select.addEventListener("change", () => chosen(this.select.value));
    this.root = h("label", { class: "choice", hidden: true }, h("span", {}, "Charts of"), this.select);
    parent.append(this.root);
  }

  choose() {
    this.select.value = this.wanted;
    this.chosen(this.wanted);
    this.wanted = "";
  }

  // A request that is seen for the first time joins the others; what is chosen stays.
  /** @param {RequestFigures[]} [requests] */
  draw(requests = []) {
    const names = requests.map(({ name }) => name);
    if (names.join("\n") === this.names) return;
    this.names = names.join("\n");
    const { value } = this.select;
    this.select.replaceChildren(
      h("option", { value: "" }, "all requests"),
      ...names.map((name) => h("option", { value: name }, name)),
    );
    this.select.value = names.includes(value) ? value : "";
    this.root.hidden = names.length < 2;
    if (names.includes(this.wanted)) this.choose();
  }
}
