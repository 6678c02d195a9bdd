/** @type {Promise<never>} */
const NEVER = new Promise(() => {});

// JSON there and back. An answer that is an error becomes a Trouble with the master's own words.
export class Trouble extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {string} [field]
   */
  constructor(status, message, field = "") {
    super(message);
    this.status = status;
    this.field = field;
  }
}

// A page that looks on after its session has ended shows the login page; what was typed into a form is not thrown away.
/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
export async function getJson(url, signal) {
  try {
    return await read(() => fetch(url, { headers: { Accept: "application/json" }, signal }));
  } catch (error) {
    if (error.status === 401) logIn();
    throw error;
  }
}

// What tells this session's own pages from another site's.
const csrf = document.querySelector('meta[name="gluten-csrf"]')?.getAttribute("content") ?? "";

/**
 * @param {string} url
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
export async function postJson(url, value, headers = {}) {
  return read(() => post(url, value, headers));
}

/**
 * @param {string} url
 * @param {unknown} value
 * @param {Record<string, string>} headers
 */
function post(url, value, headers) {
  const body = JSON.stringify(value);
  return fetch(url, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "X-Gluten-Csrf": csrf, ...headers },
  });
}

/** @param {string} url */
export async function deleteJson(url) {
  return read(() => fetch(url, { method: "DELETE", headers: { "X-Gluten-Csrf": csrf } }));
}

// A file of a workload, under its SHA-256.
/**
 * @param {string} digest
 * @param {Blob} content
 */
export async function putFile(digest, content) {
  return read(() =>
    fetch(`/api/v1/files/${digest}`, {
      method: "PUT",
      body: content,
      headers: { "Content-Type": "application/octet-stream", "X-Gluten-Csrf": csrf },
    }),
  );
}

// The login page, and then here again.
export function logIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// A page that is being left asks nothing more. The master would only answer that nobody is logged in.
let isLeaving = false;

// Ends the session, gives up what is still asked, and shows the login page.
export async function logOut() {
  isLeaving = true;
  window.stop();
  await post("/logout", {}, {}).catch(() => {});
  location.assign("/login");
}

/** @param {Error} error */
function unanswered(error) {
  if (isLeaving) return NEVER;
  if (error.name === "AbortError") throw error;
  throw new Trouble(0, "the master does not answer; is it running, and can this device reach it?");
}

/**
 * @param {() => Promise<Response>} send
 * @returns {Promise<any>}
 */
async function read(send) {
  if (isLeaving) return NEVER;
  const answer = await send().catch(unanswered);
  const value = await answer.json().catch(() => null);
  if (!answer.ok) {
    throw new Trouble(
      answer.status,
      value?.error?.message ?? `the master answered ${answer.status}`,
      value?.error?.field,
    );
  }
  return value;
}

// A key that makes a repeated submit the same run. (randomUUID needs a secure context; this does not.)
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((value) => value.toString(16).padStart(2, "0")).join("");
}
