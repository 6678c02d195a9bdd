// What is checked in the JavaScript of the web page and in its tests. prettier has the layout, tsc the types.
import js from "@eslint/js";
import globals from "globals";

const STATIC = "gluten/webui/static/js";

// As tests/test_layers.py says of Python: a folder imports only its own layer and lower ones.
function layer(folder, ...higher) {
  const patterns = [{ group: higher, message: `${folder} is a lower layer: it must not import this.` }];
  return { files: [`${STATIC}/${folder}`], rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default [
  js.configs.recommended,
  {
    rules: {
      complexity: ["error", 10],
      "consistent-return": "error",
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-len": ["error", { code: 120 }],
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", 60],
      "no-eval": "error",
      "no-implicit-coercion": ["error", { allow: ["+"] }],
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-useless-rename": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      radix: "error",
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  { files: [`${STATIC}/**/*.js`], languageOptions: { globals: globals.browser } },
  { files: ["tests/**/*.js"], languageOptions: { globals: globals.node } },
  layer("lib/**/*.js", "**/charts/*", "**/widgets/*", "../*.js"),
  layer("lib/dom.js", "./*"),
  layer("charts/*.js", "**/widgets/*", "../*.js"),
  layer("charts/*/*.js", "**/widgets/*", "../../*.js"),
  layer("widgets/**/*.js", "../*.js"),
];
