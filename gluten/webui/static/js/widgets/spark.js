// A small line without axes: throughput, or what `of` says.
import { svg } from "../lib/dom.js";

const [WIDTH, HEIGHT] = [100, 24];

/**
 * @param {Maybe<Values>} values
 * @param {string} [kind]
 * @param {{ label: string, most: number }} [of] what it shows, and the value at its top
 */
export function spark(values, kind = "spark", of = undefined) {
  const known = (values ?? []).map((value) => value ?? 0);
  if (known.length < 2) return svg("svg", { class: kind, "aria-hidden": "true" });
  const most = Math.max(...known, 1);
  const top = of?.most ?? most * 1.25;
  const points = known.map(
    (value, index) =>
      `${((index / (known.length - 1)) * WIDTH).toFixed(1)} ${(HEIGHT - (value / top) * (HEIGHT - 2) - 1).toFixed(1)}`,
  );
  const line = `M${points.join("L")}`;
  return svg(
    "svg",
    {
      class: kind,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": of?.label ?? `throughput, at most ${Math.round(most)} requests/s`,
    },
    svg("path", { class: "area", d: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` }),
    svg("path", { d: line }),
  );
}

// A share of 1 as a bar; the figure stands beside it.
/**
 * @param {Maybe<number>} share
 * @param {number} [high]
 */
export function meter(share, high = 0.9) {
  const width = Math.max(0, Math.min(1, share || 0)) * 100;
  return svgMeter(width, (share ?? 0) > high);
}

/**
 * @param {number} width
 * @param {boolean} hot
 */
function svgMeter(width, hot) {
  const bar = document.createElement("span");
  bar.className = hot ? "meter high" : "meter";
  bar.append(
    svg(
      "svg",
      { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: width.toFixed(1), height: 10 }),
    ),
  );
  return bar;
}

/** @param {number} share */
export function progress(share) {
  const width = (Math.max(0, Math.min(1, share)) * 100).toFixed(1);
  return svg(
    "svg",
    {
      class: "bar",
      viewBox: "0 0 100 5",
      preserveAspectRatio: "none",
      role: "progressbar",
      "aria-valuenow": Math.round(share * 100),
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-label": "progress",
    },
    svg("rect", { width, height: 5 }),
  );
}
