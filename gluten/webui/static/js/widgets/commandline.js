// The equivalent command line, what has to be done to it by hand, and a button that copies it.
import { $, setText } from "../lib/dom.js";

/** @type {[pattern: RegExp, text: string][]} */
const HINTS = [
  [/\*\*\*/, "*** stands for a secret: write it again."],
  [/@body\.txt/, "Put the body into body.txt."],
  [/ workload\.toml$/, "Put the workload file's text into workload.toml."],
  [/--cacert cacert\.pem|--cert cert\.pem/, "Put the certificates into files of these names."],
];

/** @param {string} line */
export function showCommand(line) {
  setText($("command"), line || "–");
  const hints = HINTS.filter(([pattern]) => pattern.test(line)).map(([, text]) => text);
  setText($("command-hint"), hints.join(" "));
  $("copy").disabled = !line;
}

// The clipboard needs a secure context, which a master on a plain address is not: then the old way.
async function copy() {
  const text = $("command").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const range = document.createRange();
    range.selectNodeContents($("command"));
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    document.execCommand("copy");
  }
  setText($("copy"), "Copied");
  setTimeout(() => setText($("copy"), "Copy"), 1500);
}

export function copyButton() {
  $("copy").addEventListener("click", copy);
}
