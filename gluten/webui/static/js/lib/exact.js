// A text field keeps line breaks as it likes. A text that came from a file or from another run goes on its way as it
// was, byte for byte, until somebody changes what is shown of it.
/** @type {WeakMap<Field, { shown: string, text: string }>} */
const kept = new WeakMap();

/**
 * @param {Field} field
 * @param {string} text
 */
export function put(field, text) {
  field.value = text;
  kept.set(field, { shown: field.value, text });
}

/**
 * @param {Field} field
 * @returns {string}
 */
export function textOf(field) {
  const own = kept.get(field);
  return own?.shown === field.value ? own.text : field.value;
}
