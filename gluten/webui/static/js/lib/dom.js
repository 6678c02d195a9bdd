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

// Replace what is inside only if it differs: no flicker, and a selection or a focused link survives.
export function show(parent, ...children) {
  const fresh = document.createElement("div");
  fresh.append(...children.flat().filter(Boolean));
  if (parent.innerHTML !== fresh.innerHTML) parent.replaceChildren(...fresh.childNodes);
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
