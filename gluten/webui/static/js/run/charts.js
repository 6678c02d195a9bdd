// The charts of a run over its seconds, in the order of the page. The HTML report has the same.
import { backlog, sessionBacklog } from "../charts/backlog.js";
import { errors } from "../charts/errors.js";
import { heat } from "../charts/heat.js";
import { inflight } from "../charts/inflight.js";
import { moved } from "../charts/kinds/bytes.js";
import { host } from "../charts/kinds/host.js";
import { knee } from "../charts/kinds/knee.js";
import { latency } from "../charts/latency.js";
import { nodeCpu, nodeThroughput } from "../charts/nodes.js";
import { service } from "../charts/service.js";
import { sessions } from "../charts/sessions.js";
import { statuses } from "../charts/statuses.js";
import { throughput, unplanned } from "../charts/throughput.js";

// named: its charts follow the choice of a request. isPaced: the run has a rate. hasSessions: the rate is one of
// sessions.
/**
 * @param {import("../requests/named.js").ByRequest} named
 * @param {boolean} isPaced
 * @param {boolean} hasSessions
 * @returns {Spec<Rows>[]}
 */
export function runCharts(named, isPaced, hasSessions) {
  return [
    named.follow(hasSessions ? unplanned : throughput),
    named.follow(latency),
    heat,
    named.follow(errors),
    named.follow(statuses),
    knee(hasSessions),
    named.follow(service),
    inflight,
    ...(isPaced ? [hasSessions ? sessionBacklog : backlog] : []),
    ...(hasSessions ? [sessions] : []),
    nodeThroughput,
    nodeCpu,
    host,
    moved,
  ];
}
