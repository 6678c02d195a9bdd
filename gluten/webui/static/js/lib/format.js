// Numbers and times as people read them. A value that is not there is a dash.
export const DASH = "–";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** @type {(value: Maybe<number>) => value is null | undefined} */
export const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** @type {(value: Maybe<number>) => string} */
export const integer = (value) => (missing(value) ? DASH : whole.format(value));

const digits = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
/** @type {(value: Maybe<number>) => string} */
export const exactly = (value) => (missing(value) ? DASH : digits.format(value));

/** @param {Maybe<number>} value */
export function short(value) {
  if (missing(value)) return DASH;
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  return size >= 100 || Number.isInteger(value) ? whole.format(value) : String(Number(value.toPrecision(3)));
}

/** @type {(value: number) => string} */
const trim = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

// Microseconds.
/**
 * @param {Maybe<number>} value
 * @returns {string}
 */
export function micros(value) {
  if (missing(value)) return DASH;
  if (value < 1) return value === 0 ? "0" : `${value.toFixed(2)} µs`;
  if (value < 1e3) return `${trim(value)} µs`;
  if (value < 1e6) return `${trim(value / 1e3)} ms`;
  if (value < 6e7) return `${trim(value / 1e6)} s`;
  return span(value / 1e6);
}

/** @param {Maybe<number>} value */
export function bytes(value) {
  if (missing(value)) return DASH;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let index = 0;
  while (value >= 1024 && index < units.length - 1) [value, index] = [value / 1024, index + 1];
  return `${index ? trim(value) : whole.format(value)} ${units[index]}`;
}

/**
 * @param {Maybe<number>} part
 * @param {number} total
 */
export function percent(part, total) {
  if (missing(part) || !total) return DASH;
  const value = (100 * part) / total;
  if (value === 0 || value === 100) return `${value} %`;
  return value < 0.01 ? "< 0.01 %" : `${value < 1 ? value.toFixed(2) : value.toFixed(1)} %`;
}

// Seconds as 1m 05s.
/** @param {Maybe<number>} seconds */
export function span(seconds) {
  if (missing(seconds)) return DASH;
  if (seconds < 1 && seconds > 0) return `${Math.round(seconds * 1000)} ms`;
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (hours) return `${hours}h ${String(minutes).padStart(2, "0")}m`;
  return minutes
    ? `${minutes}m ${String(rest).padStart(2, "0")}s`
    : `${Number.isInteger(seconds) ? rest : +seconds.toFixed(1)} s`;
}

// A second of the run on an axis: 7, 1:05, 1:00:05.
/** @param {number} second */
export function clock(second) {
  const sign = second < 0 ? "-" : "";
  const all = Math.abs(Math.round(second));
  /** @type {(value: number) => string} */
  const two = (value) => String(value).padStart(2, "0");
  if (all < 60) return `${sign}${all}s`;
  if (all < 3600) return `${sign}${Math.floor(all / 60)}:${two(all % 60)}`;
  return `${sign}${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
}

// Seconds as the command line reads them: 1m30s, 500ms.
/** @param {Maybe<number>} seconds */
export function asked(seconds) {
  if (missing(seconds)) return "";
  if (seconds < 1) return `${+(seconds * 1000).toFixed(3)}ms`;
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    +(seconds % 60).toFixed(3),
  ];
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${rest || !(hours || minutes) ? `${rest}s` : ""}`;
}

const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const hours = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const zone =
  new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
    .formatToParts(new Date())
    .find((part) => part.type === "timeZoneName")?.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
const place = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zoneLong = place === zone ? zone : `${zone} (${place})`;

/** @type {(text: Maybe<string>) => string} */
export const when = (text) => (text ? day.format(new Date(text)) : DASH);
/** @type {(text: Maybe<string>) => string} */
export const whenExact = (text) => (text ? `${exact.format(new Date(text))} ${zone}` : DASH);
/** @type {(text: Maybe<string>) => string} */
export const timeOfDay = (text) => (text ? hours.format(new Date(text)) : DASH);
