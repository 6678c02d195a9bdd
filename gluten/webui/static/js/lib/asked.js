// What a task asks for, in words. Threads and connections that it leaves open are the cluster's to choose.
import { integer, missing } from "./format.js";
import { isOver } from "./states.js";

/** @type {(number: number, noun: string) => string} */
export const counted = (number, noun) => `${integer(number)} ${noun}${number === 1 ? "" : "s"}`;

// Whether requests are due by a schedule.
/** @type {(task: Task) => boolean} */
export const isPaced = (task) => !missing(task.rate) || Boolean(task.stages?.length || task.find_capacity);

// Whether people may change the rate: a search sets it itself.
/** @type {(run: Run) => boolean} */
export const isAdjustable = (run) => run.asked_rate !== null && !run.task.find_capacity && !isOver(run);

// Whether connections are opened as they are needed.
/** @type {(task: Task) => boolean} */
export const isElastic = (task) => missing(task.connections) && isPaced(task);

/** @type {(task: Task) => string} */
export const threads = (task) => (missing(task.threads) ? "a thread for each core" : counted(task.threads, "thread"));

/** @param {Task} task */
export const connections = (task) => `${open(task)}${over(task)}`;

/** @param {Task} task */
function open(task) {
  if (!missing(task.connections)) return counted(task.connections, "connection");
  return isPaced(task) ? "elastic connections" : "at least 10 connections";
}

// Tasks of earlier versions do not know of HTTP/2.
/** @param {Task} task */
function over({ http2, streams }) {
  return http2 ? ` (HTTP/2, ${counted(streams ?? 1, "stream")} each)` : "";
}

// With scenarios the plan is one of sessions.
/**
 * @param {Requests} requests
 * @param {Maybe<SessionTotals>} sessions
 */
export function planned(requests, sessions) {
  const count = sessions ? sessions.planned : requests.planned;
  if (count === null) return "no schedule";
  return sessions ? counted(count, "session") : integer(count);
}
