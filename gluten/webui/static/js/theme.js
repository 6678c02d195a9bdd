// The theme that was chosen on this device: light, dark, or the system's. The frame loads it before the page is
// painted, so no page is seen in the other one first. The palette stays where it is, in the media rules of base.css:
// a choice makes these hold always, or never.
(() => {
  const KEY = "gluten-theme";
  const SCHEME = "(prefers-color-scheme: dark)";
  const rules = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSMediaRule && rule.conditionText === SCHEME);

  function stored() {
    try {
      return localStorage.getItem(KEY) ?? "system";
    } catch {
      return "system"; // where a browser keeps nothing
    }
  }

  /** @param {string} choice */
  function apply(choice) {
    const isChosen = choice === "light" || choice === "dark";
    const media = isChosen ? (choice === "dark" ? "all" : "not all") : SCHEME;
    for (const rule of rules) /** @type {CSSMediaRule} */ (rule).media.mediaText = media;
    document.documentElement.style.colorScheme = isChosen ? choice : "";
    document.documentElement.dataset.theme = isChosen ? choice : "system";
  }

  document.addEventListener("theme", (event) => {
    const choice = /** @type {CustomEvent<string>} */ (event).detail;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // It holds for this page.
    }
    apply(choice);
  });
  apply(stored());
  // Another tab has chosen.
  addEventListener("storage", ({ key }) => {
    if (key === KEY) document.dispatchEvent(new CustomEvent("theme", { detail: stored() }));
  });
})();
