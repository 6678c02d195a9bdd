// The SHA-256 of a file, where the browser has it.
const NO_HASH =
  "A browser hashes files only on pages opened by https or on this machine: start the run with gluten.pyz submit FILE.";

/**
 * @param {BufferSource} content
 * @returns {Promise<string>}
 */
export async function sha256(content) {
  if (!globalThis.crypto?.subtle) throw new Error(NO_HASH);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...digest].map((value) => value.toString(16).padStart(2, "0")).join("");
}
