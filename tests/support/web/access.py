"""What everybody should be able to read and reach, computed in the page: contrast by WCAG 2.2, names, order, focus."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.support.web.browser import Browser

LUMINANCE = """
const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
function ratio(a, b) {
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
// rgb(1, 2, 3), rgba(1, 2, 3, 0.5) and color(srgb 0.1 0.2 0.3 / 0.5) as shares of 1, the last how opaque.
function parse(text) {
  const [r, g, b, a = 1] = text.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number);
  return text.startsWith('color') ? [r, g, b, a] : [r / 255, g / 255, b / 255, a];
}
const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
const style = (e, name, pseudo) => getComputedStyle(e, pseudo)[name];
function ground(e) {
  const layers = [];
  for (let at = e; at; at = at.parentElement) layers.push(parse(style(at, 'backgroundColor')));
  return layers.reverse().reduce((below, layer) => over(layer, below), [1, 1, 1, 1]);
}
function opacity(e) {
  let share = 1;
  for (let at = e; at; at = at.parentElement) share *= Number(style(at, 'opacity'));
  return share;
}
const there = (e) => e.getClientRects().length && style(e, 'visibility') === 'visible';
const seen = (e) => there(e) && !e.closest('script, :disabled');
"""
TEXTS = (
    LUMINANCE
    + """
const speaks = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
const bad = [];
function look(e, text, ink) {
  const below = ground(e);
  const size = parseFloat(style(e, 'fontSize'));
  const large = size >= 24 || (size >= 18.66 && Number(style(e, 'fontWeight')) >= 700);
  const shown = over([...ink.slice(0, 3), ink[3] * opacity(e)], below);
  const found = ratio(shown, below);
  if (found < (large ? 3 : 4.5)) bad.push(`${e.tagName}.${e.className} ${text.slice(0, 30)} ${found.toFixed(2)}`);
}
for (const e of document.body.querySelectorAll('*')) {
  if (!seen(e) || e.closest('svg')) continue;
  if (speaks(e)) look(e, e.textContent, parse(style(e, 'color')));
  if (e.value) look(e, e.value, parse(style(e, 'color')));
  else if (e.placeholder) look(e, e.placeholder, parse(style(e, 'color', '::placeholder')));
}
return bad;
"""
)
"""Texts, values and placeholders with less contrast than AA asks for."""
SHAPES = (
    LUMINANCE
    + """
const bad = [];
const root = getComputedStyle(document.documentElement);
const value = (name) => root.getPropertyValue(`--${name}`).trim();
const hex = (name) => [1, 3, 5].map((at) => parseInt(value(name).slice(at, at + 2), 16) / 255);
for (const name of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'focus', 'line-strong', 'accent', 'bad', 'warn'])
  for (const below of ['panel', 'ground']) {
    const found = ratio(hex(name), hex(below));
    if (found < 3) bad.push(`--${name} on --${below} ${found.toFixed(2)}`);
  }
if (ratio(hex('muted'), hex('panel')) < 4.5) bad.push('the charts\\' axes');
for (const e of document.querySelectorAll('input:not([type=file], [type=range]), select, textarea')) {
  if (!seen(e)) continue;
  const found = ratio(over(parse(style(e, 'borderTopColor')), ground(e.parentElement)), ground(e.parentElement));
  if (found < 3 && !['checkbox', 'radio'].includes(e.type)) bad.push(`${e.id}'s border ${found.toFixed(2)}`);
}
return bad;
"""
)
"""Lines, borders and rings with less contrast than AA asks of what is no text."""
STRUCTURE = """
const bad = [];
if (document.documentElement.lang !== 'en') bad.push('no language');
const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter((e) => e.checkVisibility());
const levels = headings.map((e) => Number(e.tagName[1]));
if (levels.filter((level) => level === 1).length !== 1) bad.push(`headings ${levels}`);
levels.forEach((level, index) => { if (index && level > levels[index - 1] + 1) bad.push(`headings jump: ${levels}`); });
for (const table of document.querySelectorAll('table')) {
  const loose = [...table.querySelectorAll('th')].filter((th) => !th.scope);
  if (loose.length) bad.push(`a table's head without a scope: ${loose[0].outerHTML}`);
}
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
if (twice.length) bad.push(`ids that are there twice: ${twice}`);
for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
  for (const id of `${e.getAttribute('aria-labelledby') ?? ''} ${e.getAttribute('aria-describedby') ?? ''}`.split(' '))
    if (id && !document.getElementById(id)) bad.push(`${e.tagName} points at ${id}, which is not there`);
return bad;
"""
"""Headings, tables and references that do not hold together."""
REACHABLE = """
// A property, since what is drawn anew in place keeps no attribute that is not the page's own.
const tabbable = 'a[href], button, input:not([type=radio]), input:checked, select, textarea, summary, [tabindex="0"]';
return [...document.querySelectorAll(tabbable)]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0)
  .map((e, index) => { e.ownPlace = String(index); return e.outerHTML.slice(0, 90); });
"""
START = """
const start = document.createElement('span');
start.tabIndex = -1;
document.body.prepend(start);
start.focus();
"""
"""From here the next Tab goes to the page's first control."""
FOCUSED = """
const e = document.activeElement;
if (!e || e === document.body) return null;
const shown = e.type === 'file' ? e.parentElement : e.closest('.segments label') ?? e;
const ring = getComputedStyle(shown);
return [e.ownPlace ?? '', ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2];
"""
NAMED = (
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider", "image", "progressbar",
    "spinbutton", "switch", "listbox", "dialog",
)  # fmt: skip


def nameless(browser: Browser) -> list[str]:
    """Controls and pictures that a screen reader has no name for, by Chromium's own tree."""
    tree: Any = browser.chrome.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    roles = [node for node in tree["nodes"] if not node.get("ignored") and node["role"].get("value") in NAMED]
    return [node["role"]["value"] for node in roles if not str(node.get("name", {}).get("value", "")).strip()]


def walk(browser: Browser) -> tuple[list[str], list[str], list[str]]:
    """By the Tab key from the page's start: what was not reached, what came out of order, what shows no focus."""
    there = list(browser.run(REACHABLE))
    browser.run(START)
    seen: list[int] = []
    dull: list[str] = []
    for _ in range(2 * len(there) + 20):
        ActionChains(browser.chrome, 0).send_keys(Keys.TAB).perform()
        found = browser.run(FOCUSED)
        if found is None or (found[0] == "0" and seen):
            break
        place, ringed = found
        if place:
            seen.append(int(place))
            if not ringed:
                dull.append(there[int(place)])
    missed = [there[place] for place in range(len(there)) if place not in seen]
    return missed, [there[b] for a, b in pairwise(seen) if b < a], dull
