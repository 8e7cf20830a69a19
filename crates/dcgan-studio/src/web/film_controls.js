// Scrubs and plays films over the reports of a time axis.

import { button, element } from "./element.js";
import { count } from "./words.js";

const MILLISECONDS_PER_REPORT = 260;

export class FilmControls {
  /** @param {import("./time_axis.js").TimeAxis} axis */
  constructor(axis, signal) {
    this.axis = axis;
    this.steps = [];
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      value: 0,
      "aria-label": "Report",
      oninput: () => this.go(Number(this.slider.value)),
    });
    this.play = button("Play", () => (this.timer ? this.pause() : this.start()), { class: "main play" });
    this.where = element("output", { class: "where" }, "no report yet");
    const step = (by) => () => this.go(this.index + by);
    this.bar = element(
      "div",
      { class: "film-controls" },
      this.play,
      button("‹", step(-1), { "aria-label": "Previous report", class: "small" }),
      this.slider,
      button("›", step(1), { "aria-label": "Next report", class: "small" }),
      this.where,
    );
    axis.on("film", () => this.render(), signal);
    signal.addEventListener("abort", () => this.pause());
  }

  /** The place of the film's report in the list. */
  get index() {
    const { film } = this.axis;
    let best = 0;
    this.steps.forEach((step, at) => {
      if (Math.abs(step - film) < Math.abs(this.steps[best] - film)) best = at;
    });
    return best;
  }

  /** Takes the steps of reports; a film that showed the newest goes on to the new one. */
  setSteps(steps) {
    const wasAtEnd = this.steps.length === 0 || this.index === this.steps.length - 1;
    const isNew = steps.at(-1) !== this.steps.at(-1);
    this.steps = steps;
    this.slider.max = Math.max(0, steps.length - 1);
    this.bar.classList.toggle("is-empty", steps.length === 0);
    for (const control of this.bar.querySelectorAll("button, input")) control.disabled = steps.length < 2;
    if (steps.length > 0 && wasAtEnd && isNew && !this.timer) this.go(steps.length - 1);
    this.render();
  }

  go(index) {
    const at = Math.min(this.steps.length - 1, Math.max(0, index));
    if (at >= 0) this.axis.setFilm(this.steps[at]);
  }

  start() {
    if (this.index === this.steps.length - 1) this.go(0);
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      if (this.index >= this.steps.length - 1) this.pause();
      else this.go(this.index + 1);
    }, MILLISECONDS_PER_REPORT);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  render() {
    if (this.steps.length === 0) return;
    const at = this.index;
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", `step ${count(this.steps[at])}`);
    this.where.textContent = `step ${count(this.steps[at])}`;
  }
}
