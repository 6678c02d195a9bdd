// The button that changes the theme: the system's, light, dark. `theme.js` keeps what is chosen and applies it.
import { h, svg } from "../lib/dom.js";

const NEXT = /** @type {const} */ ({ system: "light", light: "dark", dark: "system" });
const SUN = "M8 1v2M8 13v2M1 8h2M13 8h2M3.05 3.05l1.4 1.4M11.55 11.55l1.4 1.4M3.05 12.95l1.4-1.4M11.55 4.45l1.4-1.4";
const SHAPES = {
  system: ["M8 2.5a5.5 5.5 0 1 0 0 11z", "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11z"],
  light: ["M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6z", SUN],
  dark: ["M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z", ""],
};

export function themeSwitch() {
  const button = h("button", { type: "button", class: "button small ghost theme", "data-testid": "theme", onclick });

  function draw() {
    const choice = /** @type {keyof typeof NEXT} */ (document.documentElement.dataset.theme ?? "system");
    const [full, line] = SHAPES[choice];
    button.title = `Theme: ${choice}. Press for ${NEXT[choice]}.`;
    button.setAttribute("aria-label", button.title);
    button.replaceChildren(
      svg(
        "svg",
        { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
        svg("path", { d: full, fill: "currentColor" }),
        svg("path", { d: line, fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round" }),
      ),
    );
  }

  function onclick() {
    const choice = /** @type {keyof typeof NEXT} */ (document.documentElement.dataset.theme ?? "system");
    document.dispatchEvent(new CustomEvent("theme", { detail: NEXT[choice] }));
  }

  document.addEventListener("theme", draw);
  draw();
  return button;
}
