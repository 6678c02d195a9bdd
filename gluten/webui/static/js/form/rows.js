// A simple mix as the text of a workload file. The load, the base and the headers are the form's other fields.

/** @typedef {{ name: string, method: string, path: string, weight: string }} MixRow */

const SHORT = new Set(["get", "post", "put", "patch", "delete", "head", "options"]);

// A text of TOML. JSON escapes as TOML does, but for DEL, which TOML wants escaped.
/** @type {(text: string) => string} */
export const quoted = (text) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

/** @type {(name: string) => string} */
const key = (name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name));

// What is no number goes as a text, so that the master says what is wrong with it.
/** @type {(text: string) => string} */
const number = (text) => (/^\d{1,15}$/.test(text) ? String(Number(text)) : quoted(text));

/**
 * @param {MixRow} row
 * @returns {string}
 */
function request({ name, method, path, weight }) {
  const verb = method.trim().toLowerCase() || "get";
  const where = SHORT.has(verb)
    ? [`${verb} = ${quoted(path.trim())}`]
    : [`method = ${quoted(method.trim())}`, `path = ${quoted(path.trim())}`];
  const share = weight.trim() && weight.trim() !== "1" ? [`weight = ${number(weight.trim())}`] : [];
  return [`[request.${key(name.trim())}]`, ...where, ...share].join("\n");
}

// A row in which nothing stands is left out.
/**
 * @param {MixRow[]} rows
 * @returns {string}
 */
export const toToml = (rows) =>
  `${rows
    .filter(({ name, path }) => name.trim() || path.trim())
    .map(request)
    .join("\n\n")}\n`;
