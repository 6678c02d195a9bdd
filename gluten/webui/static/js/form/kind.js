// What a run sends: one URL, a simple mix in rows, or a workload file. The latter two make the same text.
import { $ } from "../lib/dom.js";
import { lines, pairs } from "./environment.js";
import { Files } from "./files.js";
import { Mix } from "./mix.js";
import { planTable } from "./plan.js";
import { toToml } from "./rows.js";

// What a form always fills in. A value that is as it was at first leaves the word to the workload file.
const FILLED = [
  "timeout",
  "max_body",
  "on_loss",
  "split",
  "keepalive",
  "http2",
  "streams",
  "insecure",
  "secret",
  "slo_sure",
  "trace",
  "arrivals",
];
const OF_REQUESTS = ["method", "body"];

export class Kind {
  // `plain` is what the form asks for where nobody has been at it.
  /**
   * @param {any} form
   * @param {Task} task
   * @param {Record<string, unknown>} plain
   * @param {() => void} changed
   */
  constructor(form, task, plain, changed) {
    this.form = form;
    this.plain = plain;
    this.outranking = task.outranking ?? [];
    this.mix = new Mix($("mix"), changed);
    this.files = new Files($("files"), task.files ?? {}, changed);
    form.elements.workload.value = task.workload ?? "";
    form.elements.env.value = lines(task.env ?? {});
    if (task.workload) form.elements.kind.value = "file";
    this.draw();
  }

  /** @returns {"url" | "rows" | "file"} */
  get chosen() {
    return this.form.elements.kind.value;
  }

  draw() {
    for (const part of this.form.querySelectorAll("[data-kind]")) {
      part.hidden = !part.dataset.kind.split(" ").includes(this.chosen);
    }
    this.nameTrial();
    if (this.chosen !== "file") return;
    for (const name of ["connections", "duration"]) this.form.elements[name].placeholder = "as the file says";
  }

  // The task of the form, with the workload that is chosen.
  /** @param {Record<string, unknown>} task */
  complete(task) {
    if (this.chosen === "url") return task;
    const said = Object.fromEntries(Object.entries(task).filter(([name, value]) => this.isSaid(name, value)));
    if (this.chosen === "rows") return { ...said, workload: toToml(this.mix.rows) };
    const { workload, env } = this.form.elements;
    const { outranking } = this;
    return { ...said, outranking, workload: workload.value || "\n", env: pairs(env.value), files: this.files.digests };
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  isSaid(name, value) {
    return !OF_REQUESTS.includes(name) && !(FILLED.includes(name) && value === this.plain[name]);
  }

  nameTrial() {
    $("try").textContent = this.chosen === "url" ? "Try one request" : "Try each request once";
  }

  // `plan` is null while the text is wrong: the files that were named stay.
  /** @param {WorkloadPlan | null | undefined} plan */
  show(plan) {
    const named = this.chosen === "file" ? plan?.files : [];
    if (named) this.files.draw(named);
    $("plan").replaceChildren(...(plan ? [planTable(plan)] : []));
    if (plan?.scenarios.length) $("try").textContent = "Try a session";
    else this.nameTrial();
  }

  // Why a run cannot start yet, or an empty text.
  get waits() {
    const { missing } = this.files;
    return missing.length ? `Pick the files that the workload names: ${missing.join(", ")}.` : "";
  }
}
