// Colours of the page's palette, as a canvas takes them.
/** @type {(name: string) => string} */
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A colour of the palette, thinned; canvas takes eight-digit hex.
/**
 * @param {string} name
 * @param {number} alpha
 */
export function tint(name, alpha) {
  const hex = Math.round(alpha * 255).toString(16);
  return color(name) + hex.padStart(2, "0");
}
