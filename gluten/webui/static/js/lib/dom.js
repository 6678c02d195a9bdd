// Elements without markup: texts are always texts, so no name can become HTML.
const SVG = "http://www.w3.org/2000/svg";

/** @type {(id: string) => any} */
export const $ = (id) => document.getElementById(id);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * @param {string} tag
 * @param {Props} [props]
 * @param {...Child} children
 */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/**
 * @template {Element} Made
 * @param {Made} element
 * @param {Props} props
 * @param {Child[]} children
 */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") Object.assign(element, { value });
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...flat(children));
  return element;
}

// Children as they are appended: lists are opened, and what is none (null, undefined, false) is left out.
/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function flat(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return flat(child);
    if (child === null || child === undefined || child === false) return [];
    return typeof child === "number" ? String(child) : child;
  });
}

// Make what is inside like the children given, in place: no flicker, and a selection or a focused link survives.
/**
 * @param {Element} parent
 * @param {...Child} children
 */
export function show(parent, ...children) {
  const fresh = document.createElement("div");
  fresh.append(...flat(children));
  liken(parent, fresh);
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function liken(old, fresh) {
  const all = [...fresh.childNodes];
  all.forEach((wanted, index) => {
    const there = old.childNodes[index];
    if (!there) old.append(wanted);
    else if (there.isEqualNode(wanted)) return;
    else if (areAlike(there, wanted)) likenElement(/** @type {Element} */ (there), /** @type {Element} */ (wanted));
    else there.replaceWith(wanted);
  });
  while (old.childNodes.length > all.length) old.lastChild?.remove();
}

/** @type {(there: Node, wanted: Node) => boolean} */
const areAlike = (there, wanted) => there.nodeType === Node.ELEMENT_NODE && there.nodeName === wanted.nodeName;

/**
 * @param {Element} there
 * @param {Element} wanted
 */
function likenElement(there, wanted) {
  for (const { name } of [...there.attributes]) if (!wanted.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of wanted.attributes) {
    if (there.getAttribute(name) !== value) there.setAttribute(name, value);
  }
  liken(there, wanted);
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
