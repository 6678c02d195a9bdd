// What uPlot is told of a chart: its scales, axes, lines and what is drawn over and under them.
import { clock } from "../lib/format.js";
import { color, tint } from "./ink.js";
import { drawMarks } from "./marks.js";
import { logMarks, logSpan } from "./parts/logaxis.js";
import { thinned } from "./parts/thinned.js";
import { byteSplits } from "./parts/rates.js";

/** @typedef {import("uplot").Options} Options */
/** @typedef {import("uplot").Scale} Scale */
/** @typedef {import("uplot").Axis} Axis */
/** @typedef {import("uplot").Series} PlotSeries */
/** @typedef {import("uplot").Band} Band */
/** @typedef {{ box: HTMLElement, group: ChartGroup, spec: Spec, series: Line[], log: boolean,
 *    isOff(label: string): boolean, pointed(): void, painted(): void }} Drawn */

const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const BARE = { show: false };
const ASIDE = 82; // beside the plot: the labels of its axis, and the padding
const APART = 62; // of two labels below it

/**
 * @param {Drawn} chart
 * @returns {Options}
 */
export function plotOptions(chart) {
  const { box, group, series, spec } = chart;
  return {
    width: box.clientWidth,
    height: box.clientHeight || 200,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      ...(spec.own ? {} : { sync: { key: group.key, setSeries: false } }),
      drag: { x: !spec.own, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: { x: across(chart), y: upwards(chart) },
    axes: axes(spec, chart.log),
    series: [{}, ...series.map((item) => line(item, chart.isOff(item.label)))],
    bands: series.flatMap(band),
    hooks: hooks(chart),
  };
}

/**
 * @param {Drawn} chart
 * @returns {Scale}
 */
function across({ group, spec }) {
  const { own, across: other } = spec;
  return { time: false, range: () => (own ? null : group.view) ?? other?.range() ?? group.range() };
}

/**
 * @param {Drawn} chart
 * @returns {Scale}
 */
function upwards({ group, spec, log }) {
  if (!log) return { range: (plot, low, high) => [0, spec.top?.(high) ?? round(high)] };
  const { span } = spec;
  return { distr: 3, log: 10, range: (plot, low, high) => (span ? span(group.rows) : logSpan(low, high)) };
}

/**
 * @param {Spec} spec
 * @param {boolean} log
 * @returns {Axis[]}
 */
function axes(spec, log) {
  const grid = spec.span ? BARE : { stroke: color("grid"), width: 1 };
  const both = { stroke: color("muted"), grid, ticks: BARE, font: "11px system-ui, sans-serif" };
  const below = { size: 28, space: 60, incrs: INCREMENTS, ...(spec.across ? { splits: spaced(spec.across) } : {}) };
  const beside = {
    size: 62,
    space: 34,
    ...(log ? { splits: (/** @type {Plot} */ plot) => logMarks(plot.scales.y), filter: every } : {}),
    ...(spec.isBytes ? { splits: (/** @type {Plot} */ plot) => byteSplits(plot.scales.y.max) } : {}),
  };
  return [
    { ...both, ...below, values: (plot, marks) => marks.map(spec.across?.mark ?? clock) },
    { ...both, ...beside, values: (plot, marks) => marks.map((mark) => (mark === null ? "" : spec.format(mark))) },
  ];
}

// As many of a chart's own labels as have room.
/** @type {(across: Across) => Across["splits"]} */
const spaced = (own) => (plot, axis, low, high) =>
  thinned(own.splits(plot, axis, low, high), (plot.width - ASIDE) / (high - low || 1), APART);

// uPlot would leave out labels of a logarithmic axis.
/** @type {(plot: Plot, marks: number[]) => number[]} */
const every = (plot, marks) => marks;

/**
 * @param {Line} item
 * @param {boolean} isOff
 * @returns {PlotSeries}
 */
function line(item, isOff) {
  return {
    label: item.label,
    stroke: color(item.color),
    width: item.width ?? 1.6,
    dash: item.dash,
    show: !isOff,
    fill: item.fill ? tint(item.color, item.fill) : undefined,
    points: { show: (plot) => !item.isBare && plot.data[0].length < 3, size: 5 },
    spanGaps: false,
    ...(item.isBare ? { paths: () => null } : {}),
  };
}

// Between a line of a stack and the one below it.
/**
 * @param {Line} item
 * @param {number} index
 * @returns {Band[]}
 */
function band(item, index) {
  return item.band ? [{ series: [index + 1, index], fill: tint(item.color, 0.4) }] : [];
}

/**
 * @param {Drawn} chart
 * @returns {Options["hooks"]}
 */
function hooks(chart) {
  const { group, spec } = chart;
  const { paint, over } = spec;
  return {
    drawAxes: paint ? [(plot) => paint(plot, group.rows, group.axis, color("c1"))] : [],
    draw: [
      (plot) => over?.(plot, group.rows, group.view),
      (plot) => spec.own || drawMarks(plot, group.marks),
      () => chart.painted(),
    ],
    setCursor: [() => chart.pointed()],
    setSelect: [(plot) => group.select(plot)],
  };
}

/** @type {(high: number) => number} */
const round = (high) => (high > 0 ? high * 1.08 : 1);
