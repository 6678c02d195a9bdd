// What uPlot is told of a chart: its scales, axes, lines and what is drawn over and under them.
import { clock } from "../lib/format.js";
import { color, tint } from "./ink.js";
import { drawMarks } from "./marks.js";

/** @typedef {import("uplot").Options} Options */
/** @typedef {import("uplot").Scale} Scale */
/** @typedef {import("uplot").Axis} Axis */
/** @typedef {import("uplot").Series} PlotSeries */
/** @typedef {import("uplot").Band} Band */
/** @typedef {{ box: HTMLElement, group: ChartGroup, spec: Spec, series: Line[], log: boolean, off: Set<string>,
 *    showKeys(): void }} Drawn */

const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const BARE = { show: false };

/**
 * @param {Drawn} chart
 * @returns {Options}
 */
export function plotOptions(chart) {
  const { box, group, series } = chart;
  return {
    width: box.clientWidth,
    height: box.clientHeight || 200,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: group.key, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: { x: across(chart), y: upwards(chart) },
    axes: axes(chart.spec),
    series: [{}, ...series.map((item) => line(item, chart.off))],
    bands: series.flatMap(band),
    hooks: hooks(chart),
  };
}

/**
 * @param {Drawn} chart
 * @returns {Scale}
 */
function across({ group, spec }) {
  return { time: false, range: () => group.view ?? spec.across?.range() ?? group.range() };
}

/**
 * @param {Drawn} chart
 * @returns {Scale}
 */
function upwards({ group, spec, log }) {
  if (!log) return { range: (plot, low, high) => [0, spec.top?.(high) ?? round(high)] };
  const { span } = spec;
  const within = span ? { range: () => span(group.rows) } : {};
  return { distr: 3, log: 10, ...within };
}

/**
 * @param {Spec} spec
 * @returns {Axis[]}
 */
function axes(spec) {
  const grid = spec.span ? BARE : { stroke: color("grid"), width: 1 };
  const both = { stroke: color("muted"), grid, ticks: BARE, font: "11px system-ui, sans-serif" };
  const below = { size: 28, space: 60, incrs: INCREMENTS, ...(spec.across ? { splits: spec.across.splits } : {}) };
  const beside = {
    size: 62,
    space: 34,
    ...(spec.span ? { splits: (/** @type {Plot} */ plot) => decades(plot.scales.y) } : {}),
  };
  return [
    { ...both, ...below, values: (plot, marks) => marks.map(spec.across?.mark ?? clock) },
    { ...both, ...beside, values: (plot, marks) => marks.map((mark) => (mark === null ? "" : spec.format(mark))) },
  ];
}

/**
 * @param {Line} item
 * @param {Set<string>} off
 * @returns {PlotSeries}
 */
function line(item, off) {
  return {
    label: item.label,
    stroke: color(item.color),
    width: item.width ?? 1.6,
    dash: item.dash,
    show: !off.has(item.label),
    fill: item.fill ? tint(item.color, item.fill) : undefined,
    points: { show: (plot) => plot.data[0].length < 3, size: 5 },
    spanGaps: false,
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
    draw: [(plot) => drawMarks(plot, group.events), (plot) => over?.(plot, group.rows)],
    setCursor: [() => chart.showKeys()],
    setSelect: [(plot) => group.select(plot)],
  };
}

// Powers of ten, and their threes where those alone are few.
/** @param {Scale} scale */
function decades({ min = 1, max = 1 }) {
  const tens = Array.from({ length: 12 }, (_, index) => 10 ** index);
  /** @type {(marks: number[]) => number[]} */
  const within = (marks) => marks.filter((mark) => mark >= min && mark <= max);
  return within(tens).length > 2 ? within(tens) : within(tens.flatMap((mark) => [mark, 3 * mark]));
}

/** @type {(high: number) => number} */
const round = (high) => (high > 0 ? high * 1.08 : 1);
