// The environment that the file's `env` may ask for, one NAME=value a line.
/** @param {string} text */
export function pairs(text) {
  const known = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(known.map((line) => [line.split("=", 1)[0].trim(), line.slice(line.indexOf("=") + 1)]));
}

/** @param {Record<string, string>} env */
export const lines = (env) =>
  Object.entries(env)
    .filter(([, value]) => value !== "***")
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
