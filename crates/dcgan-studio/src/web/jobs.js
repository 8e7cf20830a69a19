// What takes the studio longer than a request.

import { StudioError, getJson, send } from "./api.js";
import { isLost, sleep } from "./connection.js";

/** The jobs of this page. */
const running = new Set();

// a closed tab asks for nothing more: its jobs would only keep others waiting
addEventListener("pagehide", () => {
  for (const id of running) fetch(jobPath(id), { method: "DELETE", keepalive: true });
});

const FIRST_WAIT = 200;
const LONGEST_WAIT = 1000;

/**
 * Starts a job and resolves to it when it is done. When the signal aborts, the job is cancelled.
 *
 * @param {string} path where it is started
 * @param {object} request as `send` takes it: `body`, `type`, `signal`
 * @param {(sentence: string) => void} onProgress
 */
export async function runJob(path, request, onProgress = () => {}) {
  const { signal } = request;
  onProgress("Starting …");
  // without the signal: a job that was started must be known to be cancelled
  const { job: id } = await (await send("POST", path, { ...request, signal: undefined })).json();
  const cancel = () => isLost() || send("DELETE", jobPath(id)).catch(() => {});
  if (signal?.aborted) {
    cancel();
    throw signal.reason;
  }
  signal?.addEventListener("abort", cancel, { once: true });
  running.add(id);
  try {
    return await finished(id, signal, onProgress);
  } finally {
    running.delete(id);
    signal?.removeEventListener("abort", cancel);
  }
}

async function finished(id, signal, onProgress) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 1.4)) {
    await sleep(wait, signal);
    const job = await getJson(jobPath(id), signal);
    if (job.state === "done") return job;
    if (job.state === "failed") throw new StudioError(job.error, 200);
    if (job.state === "queued") onProgress(job.position > 0 ? `Waiting: ${job.position} before it.` : "Waiting.");
    else onProgress(`${job.line ?? "Working"} · ${Math.round(job.seconds)} s`);
  }
}

export const jobPath = (id, what = "") => `/api/jobs/${id}${what && `/${what}`}`;
