// The figures of runs side by side: a column for each, and what it differs from the first by, beyond noise or not.
import { perSecond } from "../capacity/words.js";
import { verdictBadge } from "../lib/badges.js";
import { h } from "../lib/dom.js";
import { DASH, integer, micros, short, span } from "../lib/format.js";
import { outcome } from "../lib/outcome.js";
import { markOf, notesOf, valueOf } from "../lib/slos.js";

/**
 * @typedef Figure
 * @property {string} label
 * @property {(report: Report) => Maybe<number>} pick
 * @property {(value: Maybe<number>) => string} format
 * @property {number} worse 1 where a higher figure is worse, -1 where a lower one is
 * @property {string} [what] its name in the master's comparison
 */

/** @type {Figure[]} */
const FIGURES = [
  { label: "Requests/s", pick: (r) => r.rate, format: short, worse: -1, what: "requests/s" },
  { label: "Response time p50", pick: (r) => r.response_time.p50, format: micros, worse: 1, what: "p50" },
  { label: "Response time p90", pick: (r) => r.response_time.p90, format: micros, worse: 1, what: "p90" },
  { label: "Response time p95", pick: (r) => r.response_time.p95, format: micros, worse: 1, what: "p95" },
  { label: "Response time p99", pick: (r) => r.response_time.p99, format: micros, worse: 1, what: "p99" },
  { label: "Response time p99.9", pick: (r) => r.response_time.p99_9, format: micros, worse: 1, what: "p99_9" },
  { label: "Response time max", pick: (r) => r.response_time.max, format: micros, worse: 1, what: "max" },
  { label: "Service time p99", pick: (r) => r.service_time.p99, format: micros, worse: 1 },
  { label: "Completed", pick: (r) => r.requests.completed, format: integer, worse: 0 },
  { label: "Errors", pick: (r) => outcomeOf(r).errors, format: integer, worse: 1 },
  { label: "· failed", pick: (r) => outcomeOf(r).failed, format: integer, worse: 1 },
  { label: "· bad status", pick: (r) => outcomeOf(r).bad, format: integer, worse: 1 },
  {
    label: "Errors, of requests",
    pick: errorShare,
    format: (value) => (value === null || value === undefined ? DASH : `${value.toFixed(2)} %`),
    worse: 1,
    what: "errors",
  },
  { label: "Length", pick: (r) => r.duration, format: span, worse: 0 },
];

/** @type {Figure[]} */
const OF_SESSIONS = [
  { label: "Session time p50", pick: (r) => timeOf(r, "p50"), format: micros, worse: 1 },
  { label: "Session time p99", pick: (r) => timeOf(r, "p99"), format: micros, worse: 1 },
  { label: "Sessions finished", pick: (r) => r.sessions?.finished, format: integer, worse: 0 },
  { label: "· ended", pick: (r) => r.sessions?.ended, format: integer, worse: 1 },
  { label: "· cut", pick: (r) => r.sessions?.cut, format: integer, worse: 1 },
  { label: "· dropped", pick: (r) => r.sessions?.dropped, format: integer, worse: 1 },
  { label: "Sessions at once", pick: (r) => r.sessions?.most, format: integer, worse: 0 },
];

const OF_WHOLE = "All but the capacity is of whole searches, which went through many rates.";
/** @type {Figure[]} */
const OF_SEARCHES = [
  { label: "Capacity, holds", pick: (r) => r.capacity?.holds, format: perSecond, worse: -1, what: "capacity" },
  { label: "· misses", pick: (r) => r.capacity?.misses, format: perSecond, worse: 0 },
];

/** @type {(report: Report, point: string) => Maybe<number>} */
const timeOf = ({ sessions }, point) => (sessions?.finished ? sessions.time[point] : null);

// reports: the first, then what is compared with it; pairs: the master's comparison of the first with each other one.
/**
 * @param {Report[]} reports
 * @param {Pair[]} pairs
 */
export function differences(reports, pairs) {
  const head = reports.map((report) =>
    h(
      "th",
      { scope: "col", class: "num" },
      h("a", { href: `/runs/${report.id}` }, `#${report.number}`),
      " ",
      verdictBadge(report.verdict),
    ),
  );
  const ofSearches = reports.some(({ capacity }) => capacity) ? OF_SEARCHES : [];
  const ofSessions = reports.some(({ sessions }) => sessions) ? OF_SESSIONS : [];
  const figures = [...ofSearches, ...FIGURES, ...statuses(reports), ...ofSessions];
  const lines = figures.map((figure) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, figure.label),
      reports.map((report, index) =>
        h(
          "td",
          { class: "num" },
          figure.format(figure.pick(report)),
          index ? against(figure, reports[0], report, pairs[index - 1]) : null,
        ),
      ),
    ),
  );
  return h(
    "section",
    { class: "panel", "aria-label": "Figures" },
    ofSearches.length ? h("p", { class: "muted" }, OF_WHOLE) : null,
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Figures of the runs" },
      h(
        "table",
        { class: "side", "data-testid": "figures" },
        h("thead", {}, h("tr", {}, h("td", {}), head)),
        h("tbody", {}, lines, sloLines(reports)),
      ),
    ),
  );
}

// What the comparison with each other run comes to.
/** @param {Pair[]} pairs */
export function headlines(pairs) {
  return h(
    "section",
    { class: "panel", "aria-label": "In a sentence", "data-testid": "headline" },
    pairs.map(({ headline }) => h("p", {}, h("strong", {}, headline))),
  );
}

// The status codes of the runs but 200, which "Completed" tells.
/**
 * @param {Report[]} reports
 * @returns {Figure[]}
 */
function statuses(reports) {
  const codes = new Set(reports.flatMap((report) => Object.keys(report.status)));
  return [...codes]
    .filter((code) => code !== "200")
    .sort()
    .map((code) => ({ label: `Status ${code}`, pick: (r) => r.status[code] ?? 0, format: integer, worse: 0 }));
}

// Each SLO with its state and value in each run.
/** @param {Report[]} reports */
function sloLines(reports) {
  const texts = new Set(reports.flatMap((report) => (report.slo ?? []).map((slo) => slo.slo)));
  return [...texts].map((text) =>
    h(
      "tr",
      { "data-slo": text },
      h("th", { scope: "row" }, text),
      reports.map((report) => sloCell((report.slo ?? []).find((slo) => slo.slo === text))),
    ),
  );
}

/** @param {Slo | undefined} slo */
function sloCell(slo) {
  if (!slo) return h("td", { class: "num" }, DASH);
  return h(
    "td",
    { class: "num" },
    h("span", { class: `slo ${slo.state}` }, `${markOf(slo)} ${valueOf(slo)}`),
    h("span", { class: "sub" }, notesOf(slo)),
  );
}

/**
 * @param {Figure} figure
 * @param {Report} first
 * @param {Report} other
 * @param {Pair} pair
 */
function against({ pick, worse, what }, first, other, pair) {
  const known = pair.differences.find((one) => one.what === what);
  return [
    h("span", { class: "sub" }, change(pick(first), pick(other), isToned(known) ? worse : 0)),
    what && h("span", { class: "sub", "data-noise": what, "data-run": other.number }, noise(known)),
  ];
}

/**
 * @param {Maybe<number>} first
 * @param {Maybe<number>} second
 * @param {number} worse
 */
function change(first, second, worse) {
  if (second === first) return "the same";
  if (!first || second === null || second === undefined) return DASH;
  const share = (second - first) / first;
  const tone = Math.abs(share) < 0.01 || !worse ? false : share * worse > 0 ? "up" : "down";
  const figure = (share * 100).toFixed(1).replace(/^-0\.0$/, "0.0");
  return h("span", { class: tone }, `${share > 0 && figure !== "0.0" ? "+" : ""}${figure} %`);
}

/** @param {Difference} known */
function apart({ exceeds_noise: isApart }) {
  if (isApart === null) return "an interval is open";
  return isApart ? "the intervals are apart" : "the intervals overlap";
}

// Whether a change is called better or worse.
/** @type {(known: Difference | undefined) => boolean} */
const isToned = (known) => known?.exceeds_noise !== false && known?.judged !== false;

// By the same rule as the command line.
/** @param {Difference | undefined} known */
export function noise(known) {
  if (!known) return "";
  if (known.judged === false) return "not judged";
  if (known.what === "capacity") return apart(known);
  if (known.exceeds_noise === null) return "too few seconds to say";
  return known.exceeds_noise ? "more than noise" : "within noise";
}

/** @type {(report: Report) => import("../lib/outcome.js").Outcome} */
const outcomeOf = ({ requests, status }) => outcome({ ...requests, status });

/** @param {Report} report */
function errorShare(report) {
  const { errors, of } = outcomeOf(report);
  return (100 * errors) / Math.max(1, of);
}

// What makes a run unlike the first, in words; null where all are alike.
/**
 * @param {Report[]} reports
 * @param {Pair[]} pairs
 */
export function unlike(reports, pairs) {
  const found = pairs
    .map((pair, index) => ({ number: reports[index + 1].number, why: pair.unlike }))
    .filter(({ why }) => why.length);
  if (!found.length) return null;
  return h(
    "div",
    { class: "notice warn", "data-testid": "unlike" },
    found.map(({ number, why }) =>
      h(
        "div",
        {},
        `Run ${number} is not like run ${reports[0].number}:`,
        h(
          "ul",
          {},
          why.map((text) => h("li", {}, text)),
        ),
      ),
    ),
  );
}
