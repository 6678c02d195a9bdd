// A task in one sentence, with what it comes to. `planned` is null in a closed loop; `noun` is what it
// counts: requests, or sessions where there are scenarios.
import { connections, counted, threads } from "../lib/asked.js";
import { asked, integer, short } from "../lib/format.js";

/**
 * @param {Task} task
 * @param {number | null} planned
 * @param {"request" | "session"} [noun]
 */
export function summary(task, planned, noun = "request") {
  const ends = [
    task.duration ? `for ${asked(task.duration)}` : "",
    task.requests ? `until ${counted(task.requests, noun)}` : "",
  ]
    .filter(Boolean)
    .join(" or ");
  if (task.find_capacity) return search(task, noun);
  const what = noun === "session" ? "Sessions" : task.workload ? "Named requests" : task.method;
  return `${what} over ${connections(task)} from ${threads(task)}, ${ends}, ${speed(task, planned, noun)}.`;
}

/**
 * @param {Task} task
 * @param {string} noun
 */
function search({ search_from: from, search_to: to, duration, connections: most }, noun) {
  const bounds = [`from ${short(from ?? 10)}/s`, to ? `to at most ${short(to)}/s` : ""].filter(Boolean).join(" ");
  const over = most ? `at most ${counted(most, "connection")}` : "elastic connections";
  const what = `the highest rate of ${noun}s at which all SLOs hold`;
  return `Searches for ${what}, ${bounds}, over ${over}, for at most ${asked(duration)}.`;
}

/**
 * @param {Task} task
 * @param {number | null} planned
 * @param {string} noun
 */
function speed(task, planned, noun) {
  if (planned === null) return "as fast as answers come";
  const rates = task.stages.length ? shortened(task.stages.map(([, rate]) => short(rate))) : short(task.rate);
  return `at ${rates} ${noun}s/s: ${integer(planned)} ${noun}s are planned`;
}

/** @type {(rates: string[]) => string} */
const shortened = (rates) => (rates.length > 7 ? [...rates.slice(0, 3), "…", ...rates.slice(-3)] : rates).join(" → ");
