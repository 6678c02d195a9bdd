// Change the rate of a run at a constant rate: a slider for the eye, a number for exactness.
import { h, setText } from "../lib/dom.js";
import { short } from "../lib/format.js";
import { postJson } from "../lib/http.js";

export class RateControl {
  constructor(parent, run, tell) {
    const base = run.task.rate || run.asked_rate || 1;
    this.run = run.id;
    this.tell = tell;
    this.touched = false;
    this.slider = h("input", { type: "range", id: "rate-slider", "data-testid": "rate-slider", min: 0, max: 1000, step: 1, "aria-label": "Rate in requests/s" });
    this.number = h("input", { type: "text", id: "rate-number", "data-testid": "rate-number", inputmode: "decimal", "aria-label": "Rate in requests/s, such as 1.5k" });
    this.state = h("output", { "data-testid": "rate-state" });
    this.top = Math.max(base, run.asked_rate || 0) * 3;
    const form = h("form", { class: "rate", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      h("span", { class: "label" }, "Rate"), this.slider, this.number, h("span", { class: "muted" }, "requests/s"),
      h("button", { class: "button small", "data-testid": "rate-set" }, "Change rate"), this.state);
    this.root = h("section", { class: "panel", "data-testid": "rate-control", "aria-label": "Change the rate" }, form);
    this.slider.addEventListener("input", () => { this.touched = true; this.number.value = nice((this.slider.value / 1000) * this.top); });
    this.slider.addEventListener("change", () => this.send());
    this.number.addEventListener("input", () => { this.touched = true; });
    parent.append(this.root);
  }

  draw(run) {
    this.root.hidden = run.state !== "running" || run.asked_rate === null || Boolean(run.task.stages?.length);
    setText(this.state, `now ${short(run.asked_rate)} asked`);
    if (this.touched || document.activeElement === this.number) return;
    this.number.value = +run.asked_rate?.toFixed(3);
    this.slider.value = Math.round((run.asked_rate / this.top) * 1000);
  }

  async send() {
    try {
      const run = await postJson(`/api/v1/runs/${this.run}/adjust`, { rate: this.number.value.trim() });
      this.tell("");
      this.touched = false;
      this.number.blur();
      if (run.asked_rate > this.top) this.top = run.asked_rate * 2;
      this.draw(run);
    } catch (error) {
      this.tell(error.message);
    }
  }
}

// Two figures are as exact as a hand on a slider is.
function nice(value) {
  if (value < 1) return 1;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.round(value / step) * step;
}
