// A task in one sentence, with what it comes to. `planned` is null in a closed loop.
import { asked, integer, short } from "../lib/format.js";

export function summary(task, planned) {
  const ends = [task.duration ? `for ${asked(task.duration)}` : "", task.requests ? `until ${counted(task.requests, "request")}` : ""].filter(Boolean).join(" or ");
  const connections = missing(task.connections) ? "as many connections as are needed" : counted(task.connections, "connection");
  const threads = missing(task.threads) ? "all cores of the nodes" : counted(task.threads, "thread");
  return `${task.method} over ${connections} from ${threads}, ${ends}, ${speed(task, planned)}.`;
}

function speed(task, planned) {
  if (planned === null) return "as fast as answers come";
  const rates = task.stages.length ? shortened(task.stages.map(([, rate]) => short(rate))) : short(task.rate);
  return `at ${rates} requests/s: ${integer(planned)} requests are planned`;
}

const missing = (value) => value === null || value === undefined;
const counted = (number, noun) => `${integer(number)} ${noun}${number === 1 ? "" : "s"}`;
const shortened = (rates) => (rates.length > 7 ? [...rates.slice(0, 3), "…", ...rates.slice(-3)] : rates).join(" → ");
