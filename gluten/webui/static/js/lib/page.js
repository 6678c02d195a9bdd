// The page that the master served: its data, what the session may do, and the frame around it.
import { themeSwitch } from "../frame/themeswitch.js";
import { $ } from "./dom.js";
import { zoneLong } from "./format.js";
import { logOut } from "./http.js";

export function pageData() {
  return JSON.parse($("data").textContent);
}

// Whether this session may change anything; the master asks again.
export const mayChange = document.body.dataset.role === "admin";

// Marks the link to this page, says in which zone its times are, and lets a person change the theme and log out.
export function frame() {
  const page = document.body.dataset.page;
  document.querySelector(`[data-nav="${page}"]`)?.setAttribute("aria-current", "page");
  document.querySelector(".top .wrap")?.insertBefore(themeSwitch(), $("logout"));
  $("logout")?.addEventListener("click", logOut);
  $("zone").textContent = `Times are in ${zoneLong}`;
}
