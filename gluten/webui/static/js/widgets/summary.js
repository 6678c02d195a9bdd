// A task in one sentence, with what it comes to. `planned` is null in a closed loop.
import { connections, counted, threads } from "../lib/asked.js";
import { asked, integer, short } from "../lib/format.js";

/**
 * @param {Task} task
 * @param {number | null} planned
 */
export function summary(task, planned) {
  const ends = [
    task.duration ? `for ${asked(task.duration)}` : "",
    task.requests ? `until ${counted(task.requests, "request")}` : "",
  ]
    .filter(Boolean)
    .join(" or ");
  const what = task.workload ? "Named requests" : task.method;
  return `${what} over ${connections(task)} from ${threads(task)}, ${ends}, ${speed(task, planned)}.`;
}

/**
 * @param {Task} task
 * @param {number | null} planned
 */
function speed(task, planned) {
  if (planned === null) return "as fast as answers come";
  const rates = task.stages.length ? shortened(task.stages.map(([, rate]) => short(rate))) : short(task.rate);
  return `at ${rates} requests/s: ${integer(planned)} requests are planned`;
}

/** @type {(rates: string[]) => string} */
const shortened = (rates) => (rates.length > 7 ? [...rates.slice(0, 3), "…", ...rates.slice(-3)] : rates).join(" → ");
