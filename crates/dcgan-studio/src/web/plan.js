// What a training would be: its steps, time and memory, before it starts.

import { element, inColumns, withCode } from "./element.js";
import { runJob } from "./jobs.js";

/** Time for the next change before a plan is asked for. */
const MILLISECONDS_TO_PLAN = 500;

/** A plan that takes longer says what it waits for: pictures that are read for the first time. */
const MILLISECONDS_TO_SPEAK = 2000;

export class Plan {
  /** @param {() => object} request the data and options as they are now */
  constructor(request, signal) {
    this.request = request;
    this.signal = signal;
    this.lines = element("div", { class: "plan", role: "status" });
    this.waiting = element("p", { class: "note", hidden: true });
    this.current = null;
    signal.addEventListener("abort", () => this.cancel());
  }

  cancel() {
    this.waiting.hidden = true;
    clearTimeout(this.timer);
    this.current?.abort();
  }

  update() {
    this.cancel();
    this.lines.classList.add("is-old");
    if (!this.lines.hasChildNodes()) this.say(["Planning …"]);
    this.timer = setTimeout(() => this.ask(), MILLISECONDS_TO_PLAN);
  }

  async ask() {
    this.current = new AbortController();
    const { signal } = this.current;
    const start = performance.now();
    const wait = (sentence) => {
      this.waiting.textContent = sentence;
      this.waiting.hidden = performance.now() - start < MILLISECONDS_TO_SPEAK;
    };
    try {
      const { result } = await runJob("/api/plan", { body: this.request(), signal }, wait);
      this.say(result.lines);
    } catch (error) {
      if (signal.aborted) return;
      this.say([error.message], true);
    }
    this.lines.classList.remove("is-old");
    this.waiting.hidden = true;
  }

  say(lines, isProblem = false) {
    const said = (line) => (isProblem ? element("p", { class: "problem" }, ...withCode(line)) : inColumns(line));
    this.lines.replaceChildren(...lines.map(said));
  }
}
