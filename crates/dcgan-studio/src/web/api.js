// Requests to the studio. Errors are sentences for people.

import { askForToken, lost, sleep } from "./connection.js";
import { say } from "./say.js";

export class StudioError extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** Attempts at a request that the studio is too busy for. */
const MOST_ATTEMPTS = 8;

/**
 * Sends a request and resolves to the answer.
 *
 * A studio that asks for its token gets it, a busy one is asked again when it said. What reads is repeated when
 * the studio answers again; what changes something is not, as it may have been done.
 */
export async function send(method, path, { body, signal, type } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = type ?? "application/json";
  const content = body === undefined || type ? body : JSON.stringify(body);
  for (let attempt = 1; ;) {
    let answer;
    try {
      answer = await fetch(path, { method, headers, body: content, signal, cache: "no-cache" });
    } catch {
      if (signal?.aborted) throw signal.reason;
      const answered = lost();
      if (method !== "GET") throw new StudioError("The studio did not answer. Try again when it does.", 0);
      await answered;
      signal?.throwIfAborted();
      continue;
    }
    if (answer.ok) return answer;
    if (answer.status === 401) {
      await askForToken();
      continue;
    }
    if (answer.status === 429 && attempt++ < MOST_ATTEMPTS) {
      const seconds = Math.min(60, Math.max(1, Number(answer.headers.get("Retry-After")) || 2));
      say(`The studio is busy; trying again in ${seconds} s.`);
      await sleep(seconds * 1000, signal);
      continue;
    }
    throw new StudioError(await sentenceOf(answer), answer.status);
  }
}

async function sentenceOf(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return `The studio answered ${answer.status} without a reason.`;
  }
}

export const getJson = async (path, signal) => (await send("GET", path, { signal })).json();

export async function postJson(path, body, signal) {
  const answer = await send("POST", path, { body, signal });
  return answer.status === 204 ? null : answer.json();
}

export const postForBlob = async (path, body, signal) => (await send("POST", path, { body, signal })).blob();

/** The path of a run, or of something of it. */
export const runPath = (id, what = "") => `/api/runs/${encodeURIComponent(id)}${what && `/${what}`}`;

/** The picture of the report of a step: what the generator drew, or real pictures. */
export const gridPath = (id, step, isReal = false) => runPath(id, `grids/${step}${isReal ? "?of=real" : ""}`);

/** Hands a file to the browser to save. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  downloadFrom(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function downloadFrom(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
