// What a task asks for, in words. Threads and connections that it leaves open are the cluster's to choose.
import { integer } from "./format.js";

const missing = (value) => value === null || value === undefined;

export const counted = (number, noun) => `${integer(number)} ${noun}${number === 1 ? "" : "s"}`;

// Whether requests are due by a schedule.
export const isPaced = (task) => !missing(task.rate) || Boolean(task.stages?.length);

// Whether connections are opened as they are needed.
export const isElastic = (task) => missing(task.connections) && isPaced(task);

export const threads = (task) => (missing(task.threads) ? "a thread for each core" : counted(task.threads, "thread"));

export function connections(task) {
  if (!missing(task.connections)) return counted(task.connections, "connection");
  return isPaced(task) ? "elastic connections" : "at least 10 connections";
}
