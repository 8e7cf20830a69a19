// The runs as the studio last told them, and its events.

import { getJson } from "./api.js";
import { lost, sleep } from "./connection.js";

/** Between two attempts to listen. */
const MILLISECONDS_TO_LISTEN = 500;

class Runs extends EventTarget {
  /** Runs by name. */
  known = new Map();
  isLoaded = false;

  /**
   * Events: "run" and "gone" with the name of the run, "report" with name and step, "list" when all are told anew.
   *
   * @param {(detail: object) => void} listener
   */
  on(type, listener, signal) {
    this.addEventListener(type, ({ detail }) => listener(detail), { signal });
  }

  async load() {
    const list = await getJson("/api/runs");
    this.known = new Map(list.map((run) => [run.id, run]));
    this.isLoaded = true;
    this.tell("list", {});
  }

  set(run) {
    this.known.set(run.id, run);
    this.tell("run", run);
  }

  /**
   * Resolves when a run is there to be looked at: one that is only just starting is no more than a name.
   *
   * @throws if it could not be started
   */
  async started(id, signal) {
    if (!this.isLoaded) await this.load();
    while (this.known.get(id)?.state === "starting") await this.change(signal);
    if (this.known.get(id)?.state === "failed") throw new Error(`The training of ${id} could not be started.`);
  }

  /** Resolves when anything is told of the runs. */
  change(signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const ended = new AbortController();
      const end = (settle) => () => {
        ended.abort();
        settle(signal.reason);
      };
      for (const type of ["run", "gone", "list"]) this.addEventListener(type, end(resolve), { signal: ended.signal });
      signal.addEventListener("abort", end(reject), { signal: ended.signal });
    });
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const runs = new Runs();

/**
 * Listens to the studio for as long as the page is seen. A browser keeps six connections to a server, and a page that
 * nobody sees leaves its own to others.
 */
export async function listen() {
  for (let isFirst = true; ; isFirst = false) {
    if (document.hidden) await visibilityChange();
    if (document.hidden) continue;
    const stream = new EventSource("/api/events");
    stream.addEventListener("run", ({ data }) => runs.set(JSON.parse(data)));
    stream.addEventListener("report", ({ data }) => runs.tell("report", JSON.parse(data)));
    stream.addEventListener("gone", ({ data }) => {
      const { id } = JSON.parse(data);
      runs.known.delete(id);
      runs.tell("gone", { id });
    });
    const ended = Promise.race([
      new Promise((resolve) => stream.addEventListener("error", () => resolve("lost"), { once: true })),
      visibilityChange(),
    ]);
    // what is gone since somebody listened
    if (!isFirst) stream.addEventListener("told", () => runs.load().catch(() => {}));
    const why = await ended;
    stream.close();
    if (why !== "lost") continue;
    await lost();
    await sleep(MILLISECONDS_TO_LISTEN);
  }
}

const visibilityChange = () =>
  new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve("hidden"), { once: true }));
