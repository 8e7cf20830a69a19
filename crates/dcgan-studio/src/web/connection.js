// Whether the studio answers. When it does not, a banner says so until it does again.

import { element } from "./element.js";

const MILLISECONDS_TO_TRY = 1500;
const MILLISECONDS_TO_BE_SURE = 300;

let waiting = null;

/** Called when a request got no answer. Resolves as soon as the studio answers again. */
export function lost() {
  waiting ??= untilAnswered();
  return waiting;
}

export const isLost = () => waiting !== null;

async function untilAnswered() {
  // one connection that broke is not yet a studio that is gone
  await sleep(MILLISECONDS_TO_BE_SURE);
  if (await answers()) {
    waiting = null;
    return;
  }
  const banner = document.getElementById("lost");
  banner.textContent = "The studio does not answer; trying again.";
  banner.hidden = false;
  document.body.classList.add("is-lost");
  while (!(await answers())) await sleep(MILLISECONDS_TO_TRY);
  banner.hidden = true;
  document.body.classList.remove("is-lost");
  waiting = null;
}

async function answers() {
  try {
    const answer = await fetch("/api/health", { cache: "no-store" });
    return answer.ok || answer.status === 401;
  } catch {
    return false;
  }
}

export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

let asking = null;

/** Asks for the token of a studio that is not on this machine. Resolves when the studio took one. */
export function askForToken() {
  asking ??= new Promise((resolve) => {
    const field = element("input", { type: "password", id: "token", autocomplete: "current-password", required: true });
    const problem = element("p", { class: "problem", role: "alert", hidden: true });
    const form = element(
      "form",
      { class: "token" },
      element("p", {}, "This studio asks for its token. It is in the line that the studio printed when it started."),
      element("label", { for: "token" }, "Token "),
      element("div", { class: "row" }, field, element("button", { class: "main" }, "Open the studio")),
      problem,
    );
    const dialog = element("dialog", { "aria-label": "Token" }, form);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    // a browser closes it all the same when Escape is pressed again
    dialog.addEventListener("close", () => asking && dialog.showModal());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      const sentence = await refusal(field.value.trim());
      if (sentence === null) {
        asking = null;
        dialog.close();
        dialog.remove();
        resolve();
        return;
      }
      problem.textContent = sentence;
      problem.hidden = false;
      field.select();
    });
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
  return asking;
}

/** Why the studio did not take a token, or null. */
async function refusal(token) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/token", { method: "POST", headers, body: JSON.stringify({ token }) });
    if (answer.ok) return null;
    return (await answer.json()).error;
  } catch {
    return "The studio did not answer. Try again.";
  }
}
