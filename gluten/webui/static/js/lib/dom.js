import { postJson } from "./http.js";

// Elements without markup: texts are always texts, so no name can become HTML.
const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Make what is inside like the children given, in place: no flicker, and a selection or a focused link survives.
export function show(parent, ...children) {
  const fresh = document.createElement("div");
  fresh.append(...children.flat().filter(Boolean));
  liken(parent, fresh);
}

function liken(old, fresh) {
  const all = [...fresh.childNodes];
  all.forEach((wanted, index) => {
    const there = old.childNodes[index];
    if (!there) old.append(wanted);
    else if (there.isEqualNode(wanted)) return;
    else if (there.nodeType !== 1 || there.tagName !== wanted.tagName) there.replaceWith(wanted);
    else {
      for (const { name } of [...there.attributes]) if (!wanted.hasAttribute(name)) there.removeAttribute(name);
      for (const { name, value } of wanted.attributes) if (there.getAttribute(name) !== value) there.setAttribute(name, value);
      liken(there, wanted);
    }
  });
  while (old.childNodes.length > all.length) old.lastChild.remove();
}

export function pageData() {
  return JSON.parse($("data").textContent);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Whether this session may change anything; the master asks again.
export const mayChange = document.body.dataset.role === "admin";

async function logOut() {
  await postJson("/logout", {}).catch(() => {});
  location.assign("/login");
}

// The page's frame: which link is this page, and in which zone its times are.
export function frame(zone) {
  const page = document.body.dataset.page;
  document.querySelector(`[data-nav="${page}"]`)?.setAttribute("aria-current", "page");
  $("logout")?.addEventListener("click", logOut);
  $("zone").textContent = `Times are in ${zone}`;
}
