// What a report carries for its charts, as `report/formats/webpage/packed.py` packs it: JSON, compressed, in base64.

/** @typedef {{ [key: string]: Columns } | unknown[]} Columns a column, or columns by name */

/**
 * @param {string} text
 * @returns {Promise<any>}
 */
export async function unpack(text) {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const plain = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(plain).text());
}

// The rows of these columns. `fromEntries` keeps each name a key, whatever it is.
/**
 * @param {Record<string, Columns>} columns
 * @param {number} count
 * @returns {any[]}
 */
export const rowsOf = (columns, count) => Array.from({ length: count }, (_, index) => rowAt(columns, index));

/**
 * @param {Record<string, Columns>} columns
 * @param {number} index
 */
function rowAt(columns, index) {
  /** @type {[string, unknown][]} */
  const entries = [];
  for (const [key, part] of Object.entries(columns)) {
    const value = Array.isArray(part) ? part[index] : rowAt(part, index);
    if (value !== null && value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}
