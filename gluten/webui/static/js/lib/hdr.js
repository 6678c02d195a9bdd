// A histogram as HdrHistogram's V2 compressed encoding has it in base64: [highest value of a slot, count], rising.
const [OUTER, HEAD, LINEAR] = [8, 40, 2048];

/**
 * @param {string} text
 * @returns {Promise<Histogram>}
 */
export async function decode(text) {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const plain = new Blob([raw.slice(OUTER)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  /** @type {Histogram} */
  const found = [];
  let slot = 0;
  for (let at = HEAD; at < bytes.length;) {
    const [count, next] = signed(bytes, at);
    at = next;
    if (count > 0) found.push([highest(slot), count]);
    slot += count < 0 ? -count : 1;
  }
  return found;
}

// ZigZag LEB128; counts of a load test are far below 2^53.
/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[value: number, next: number]}
 */
function signed(bytes, at) {
  let [value, factor, byte] = [0, 1, 0];
  do {
    byte = bytes[at];
    value += (byte & 0x7f) * factor;
    factor *= 128;
    at += 1;
  } while (byte & 0x80);
  return [value % 2 ? -(value + 1) / 2 : value / 2, at];
}

/** @param {number} slot */
function highest(slot) {
  if (slot < LINEAR) return slot;
  const shift = Math.floor(slot / 1024) - 1;
  return (slot - shift * 1024 + 1) * 2 ** shift - 1;
}

/** @type {(pairs: Histogram) => number} */
export const size = (pairs) => pairs.reduce((sum, [, count]) => sum + count, 0);

// The values at rising shares (0 to 1) of all: the lowest at or below which so many lie, as the report's percentiles.
/**
 * @param {Histogram} pairs
 * @param {number[]} shares
 */
export function quantiles(pairs, shares) {
  const total = size(pairs);
  let [index, below] = [0, 0];
  return shares.map((share) => {
    if (!total) return null;
    const rank = Math.min(total, Math.max(1, Math.ceil(share * total - 1e-9)));
    while (below + pairs[index][1] < rank) below += pairs[index++][1];
    return pairs[index][0];
  });
}
