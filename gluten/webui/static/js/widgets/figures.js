// The big figures of a run. The elements stay; only their texts change, so nothing jumps.
import { h, setText } from "../lib/dom.js";
import { integer, micros, percent, short, span } from "../lib/format.js";
import { isOver } from "../lib/states.js";
import { progress } from "./spark.js";

const NAMES = [
  ["rate", "Requests/s"], ["p50", "Response time p50"], ["p99", "Response time p99"],
  ["errors", "Errors"], ["requests", "Requests"], ["connections", "Connections"], ["time", "Progress"],
];

export class Figures {
  constructor(parent) {
    this.parts = {};
    const boxes = NAMES.map(([key, name]) => {
      const part = { value: h("dd", { "data-testid": `figure-${key}` }, "–"), under: h("div", { class: "under" }) };
      part.box = h("div", { class: "figure" }, h("dt", {}, name), part.value, part.under);
      this.parts[key] = part;
      return part.box;
    });
    parent.append(h("dl", { class: "figures" }, boxes));
  }

  put(key, value, under = "") {
    setText(this.parts[key].value, value);
    setText(this.parts[key].under, under);
  }

  draw(run, rows, adjusted) {
    const over = isOver(run);
    const now = over ? null : rows.settled;
    const nothing = !run.completed;
    const asked = over ? !adjusted && run.task.rate : (now?.asked ?? run.asked_rate);
    this.put("rate", now ? short(now.completed) : nothing ? "–" : short(run.rate), asked ? `${short(asked)} asked${over ? "" : ` · avg ${short(run.rate)}`}` : over ? "on average" : `avg ${short(run.rate)}`);
    this.put("p50", nothing ? "–" : micros(run.p50), now ? `${micros(now.p50)} last second` : "");
    this.put("p99", nothing ? "–" : micros(run.p99), now ? `${micros(now.p99)} last second` : "");
    this.put("errors", integer(run.failed), run.completed + run.failed ? `${percent(run.failed, run.completed + run.failed)} of requests` : "");
    this.parts.errors.box.classList.toggle("bad", run.failed > 0);
    this.put("requests", short(run.completed), [run.dropped ? `${short(run.dropped)} dropped` : "", over ? `${short(run.sent)} sent` : `${short(run.in_flight)} in flight`].filter(Boolean).join(" · "));
    this.put("connections", integer(now ? now.connections : run.task.connections), now ? `of ${integer(run.task.connections)} asked` : "asked for");
    this.time(run, over);
  }

  time(run, over) {
    const { task } = run;
    const byTime = run.asked_duration ? run.elapsed / run.asked_duration : 0;
    const byCount = task.requests ? run.completed / task.requests : 0;
    const left = run.asked_duration && !over ? `${span(Math.max(0, Math.ceil(run.asked_duration - run.elapsed)))} left` : "";
    setText(this.parts.time.value, span(over ? (run.duration ?? run.elapsed) : Math.floor(run.elapsed)));
    const share = over && run.state === "finished" ? 1 : Math.max(byTime, byCount);
    this.parts.time.under.replaceChildren(left || (over ? run.state : task.requests ? `${percent(run.completed, task.requests)} of requests` : ""), progress(share));
  }
}
