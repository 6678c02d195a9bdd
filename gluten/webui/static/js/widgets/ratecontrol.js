// Change the rate of a run at a constant rate: a slider for the eye, a number for exactness.
import { h, setText } from "../lib/dom.js";
import { exactly, short } from "../lib/format.js";
import { postJson } from "../lib/http.js";
import { bounds, positionOf, rateAt, stepped, USUAL } from "../lib/logscale.js";

const PAUSE = 400; // ms after the last key
const TYPED = /^(\d+(?:\.\d*)?|\.\d+)([kmg]?)$/i;
/** @type {Record<string, number>} */
const THOUSANDS = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

export class RateControl {
  /**
   * @param {Element} parent
   * @param {Run} run
   * @param {(message: string) => void} tell
   */
  constructor(parent, run, tell) {
    this.run = run.id;
    this.noun = run.sessions ? "session" : "request"; // what the rate is one of
    this.tell = tell;
    this.moves = 0; // how often a person has set another rate
    this.held = false; // while what is shown is a person's, and not yet the run's
    /** @type {number | null} */
    this.wanted = null; // the rate that the master was asked for and has not taken yet, as far as the run tells
    /** @type {Set<number>} */
    this.passing = new Set(); // rates that the run may still tell of until it has taken that one
    this.version = 0; // of the run whose rate is shown
    this.line = Promise.resolve(); // changes reach the master in their order
    this.current = 0; // the rate that the run has
    this.rate = 0; // the rate that is shown
    /** @type {number | undefined} */
    this.timer = undefined;
    this.range = USUAL;
    this.sent = ""; // what the master was asked for last,
    this.told = -1; // and after how many moves
    this.slider = this.makeSlider();
    this.number = this.makeNumber();
    this.marks = h("div", { class: "marks", "aria-hidden": "true" });
    this.asked = h("b", { "data-testid": "rate-asked" });
    this.achieved = h("b", { "data-testid": "rate-achieved" });
    this.root = h("section", { class: "panel", "data-testid": "rate-control", "aria-label": "Change the rate" });
    this.root.append(this.form());
    parent.append(this.root);
    this.stretch(this.range);
    this.put(run.asked_rate || run.task.rate || 1);
  }

  makeSlider() {
    return h("input", {
      type: "range",
      id: "rate-slider",
      "data-testid": "rate-slider",
      step: 1,
      "aria-label": "Rate",
      onkeydown: (event) => this.key(event),
      oninput: () => this.move(rateAt(Number(this.slider.value))),
      onchange: () => this.release(),
      onpointerup: () => this.release(),
    });
  }

  makeNumber() {
    return h("input", {
      type: "text",
      id: "rate-number",
      "data-testid": "rate-number",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": `Rate in ${this.noun}s/s, such as 1.5k`,
      oninput: () => this.typed(),
    });
  }

  form() {
    const unit = h("span", { class: "muted" }, `${this.noun}s/s`);
    const set = h("button", { class: "button small", "data-testid": "rate-set" }, "Change rate");
    return h(
      "form",
      { class: "rate", onsubmit: (event) => this.submit(event) },
      h("span", { class: "label" }, "Rate"),
      h("div", { class: "scale" }, this.slider, this.marks),
      h("span", { class: "exact" }, this.number, unit, set),
      h("span", { class: "now", "data-testid": "rate-state" }, "asked ", this.asked, " achieved ", this.achieved),
    );
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    this.send();
  }

  /**
   * @param {Run} run
   * @param {Maybe<number>} achieved
   */
  draw(run, achieved) {
    this.root.hidden = run.state !== "running" || run.asked_rate === null || Boolean(run.task.stages?.length);
    setText(this.achieved, short(achieved));
    if (!this.root.hidden) this.take(run);
  }

  // An answer may overtake what the stream says, and the other way round.
  /** @param {Run} run */
  take(run) {
    if (run.version < this.version) return;
    this.version = run.version;
    const rate = run.asked_rate ?? 0;
    setText(this.asked, exactly(rate));
    this.current = rate;
    if (this.wanted !== null && !this.passing.has(near(rate))) this.settle();
    if (!this.held && rate !== this.rate) this.put(rate);
  }

  // The run has taken the rate that was wanted, or somebody else's since.
  settle() {
    this.wanted = null;
    this.passing.clear();
    this.held = false;
  }

  // The master has agreed. An answer, or an update, may still tell of a rate from before: a person's stays until then.
  /**
   * @param {number} rate
   * @param {Run} run
   */
  agreed(rate, run) {
    this.wanted = rate;
    this.passing.delete(rate);
    this.take(run);
  }

  // Shows a rate, to the digit in the field and as near as it comes on the slider.
  /** @param {number} rate */
  put(rate) {
    this.point(rate);
    this.number.value = String(Number(rate.toPrecision(12)));
  }

  /** @param {number} rate */
  point(rate) {
    this.rate = rate;
    const range = bounds(rate, this.range);
    if (String(range) !== String(this.range)) this.stretch(range);
    this.slider.value = String(positionOf(rate));
    this.slider.setAttribute("aria-valuetext", `${exactly(rate)} ${rate === 1 ? this.noun : `${this.noun}s`}/s`);
  }

  /** @param {Span} range */
  stretch(range) {
    this.range = range;
    const [low, high] = range.map(positionOf);
    Object.assign(this.slider, { min: low, max: high });
    const tens = Array.from({ length: (high - low) / 100 + 1 }, (_, index) => 10 ** (low / 100 + index));
    this.marks.replaceChildren(...tens.map((rate) => h("span", {}, brief(rate))));
  }

  /** @param {number} rate */
  move(rate) {
    this.hold();
    this.put(rate);
  }

  hold() {
    this.moves += 1;
    this.held = true;
    if (this.wanted !== null) this.passing.add(this.wanted);
    this.wanted = null;
  }

  typed() {
    this.hold();
    const [, digits, unit] = TYPED.exec(this.number.value.trim()) ?? [];
    const rate = digits ? Number(digits) * THOUSANDS[unit.toLowerCase()] : 0;
    if (rate > 0) this.point(rate);
  }

  // The slider's own steps are too coarse at its one end and too fine at the other.
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rate = stepped(this.rate, event.key, this.range);
    if (rate === null) return;
    event.preventDefault();
    this.move(rate);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  // A slider that was let go where it was taken up tells of no change.
  release() {
    if (this.held) this.send();
  }

  send() {
    clearTimeout(this.timer);
    const [text, moves] = [this.number.value.trim(), this.moves];
    if (text === this.sent && this.moves === this.told) return;
    this.sent = text;
    this.told = moves;
    const rate = near(this.rate);
    this.line = this.line.then(() => this.ask(text, rate, moves));
  }

  /**
   * @param {string} text
   * @param {number} rate
   * @param {number} moves
   */
  async ask(text, rate, moves) {
    try {
      this.passing.add(near(this.current));
      const run = await postJson(`/api/v1/runs/${this.run}/adjust`, { rate: text });
      this.tell("");
      if (moves === this.moves) this.agreed(rate, run);
      else this.passing.add(rate);
    } catch (error) {
      this.tell(error.message);
      this.told = -1;
    }
  }
}

/** @type {(rate: number) => number} */
const near = (rate) => Number(Number(rate).toPrecision(12));
/** @type {(rate: number) => string} */
const brief = (rate) => (rate >= 1e6 ? `${rate / 1e6}M` : rate >= 1e3 ? `${rate / 1e3}k` : String(rate));
