// One plot over the steps: lines, values under the pointer, zoom.

import { element } from "./element.js";
import { drawPlot } from "./plot_canvas.js";
import { count, measure, tick } from "./words.js";

export class Plot {
  /**
   * @param {import("./time_axis.js").TimeAxis} axis
   * @param {{title: string, lines: {name: string, dash?: boolean}[], range?: [number, number], inWords?: Function,
   *   tickWords?: Function, isLast?: boolean}} what `range` is always shown; the last plot has the numbers of the steps
   */
  constructor(axis, { title, lines, range = null, inWords = measure, tickWords = tick, isLast = false }, signal) {
    Object.assign(this, { axis, title, lines, range, inWords, tickWords, isLast });
    this.data = lines.map(() => ({ step: [], value: [] }));
    this.canvas = element("canvas", {
      class: "plot",
      tabindex: 0,
      role: "slider",
      "aria-label": `${title}: value at a step`,
    });
    this.outputs = lines.map(() => element("output", {}, "–"));
    this.keys = lines.map(({ name, dash }, at) =>
      element("span", { class: `key line-${at}${dash ? " dash" : ""}` }, `${name} `, this.outputs[at]),
    );
    this.where = element("span", { class: "where" });
    this.figure = element(
      "figure",
      { class: `plot-figure${isLast ? " is-last" : ""}` },
      element("figcaption", {}, element("strong", {}, title), this.keys, this.where),
      this.canvas,
    );
    this.listen(signal);
  }

  listen(signal) {
    const redraw = () => this.schedule();
    for (const type of ["view", "pointer", "film"]) this.axis.on(type, redraw, signal);
    const sizes = new ResizeObserver(redraw);
    sizes.observe(this.canvas);
    signal.addEventListener("abort", () => sizes.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
    const { canvas, axis } = this;
    const stepOf = (event) => axis.stepAt(event.offsetX, canvas.clientWidth);
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.dragged = { start: event.offsetX, from: stepOf(event) };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.dragged) this.dragged.now = event.offsetX;
      axis.point(stepOf(event));
      this.schedule();
    });
    canvas.addEventListener("pointerleave", () => axis.point(null));
    canvas.addEventListener("pointercancel", () => (this.dragged = null));
    canvas.addEventListener("pointerup", (event) => {
      const { start, from } = this.dragged ?? {};
      this.dragged = null;
      if (start === undefined) return;
      if (Math.abs(event.offsetX - start) > 6) axis.zoom(from, stepOf(event));
      else axis.setFilm(stepOf(event));
    });
    canvas.addEventListener("dblclick", () => axis.showAll());
    canvas.addEventListener("blur", () => axis.point(null));
    canvas.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    const { axis } = this;
    const stride = (axis.to - axis.from) / (event.shiftKey ? 10 : 100);
    const at = axis.pointer ?? axis.film ?? axis.to;
    const clamp = (step) => Math.min(axis.to, Math.max(axis.from, step));
    const actions = {
      ArrowLeft: () => axis.point(clamp(at - stride)),
      ArrowRight: () => axis.point(clamp(at + stride)),
      Home: () => axis.point(axis.from),
      End: () => axis.point(axis.to),
      "+": () => axis.zoomAround(at, 0.5),
      "-": () => axis.zoomAround(at, 2),
      0: () => axis.showAll(),
      Escape: () => axis.showAll(),
      Enter: () => axis.setFilm(at),
    };
    const action = actions[event.key === "=" ? "+" : event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  /** @param {{step: number[], value: (number|null)[]}[]} data one for each line */
  setData(data) {
    this.data = data.map(({ step, value }) => {
      const points = step.map((_, at) => at).filter((at) => Number.isFinite(value[at]));
      return { step: points.map((at) => step[at]), value: points.map((at) => value[at]) };
    });
    // what this training does not measure is not named
    this.data.forEach(({ step }, at) => (this.keys[at].hidden = step.length === 0 && this.lines[at].dash === true));
    this.schedule();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.readOut();
      drawPlot(this.canvas, this);
    });
  }

  /** Values at the step that is pointed at, else the newest. */
  readOut() {
    const { axis } = this;
    const at = axis.pointer ?? axis.to;
    const values = this.data.map((line) => valueAt(line, at));
    values.forEach((value, index) => (this.outputs[index].textContent = this.inWords(value)));
    this.where.textContent = axis.pointer === null ? "" : `step ${count(Math.round(axis.pointer))}`;
    const said = this.lines.map(({ name }, index) => `${name} ${this.inWords(values[index])}`).join(", ");
    this.canvas.setAttribute("aria-valuemin", Math.round(axis.from));
    this.canvas.setAttribute("aria-valuemax", Math.round(axis.to));
    this.canvas.setAttribute("aria-valuenow", Math.round(at));
    this.canvas.setAttribute("aria-valuetext", `Step ${count(Math.round(at))}: ${said}`);
  }
}

/** The value of the point that is nearest to a step. */
function valueAt({ step, value }, wanted) {
  if (step.length === 0) return null;
  let [low, high] = [0, step.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (step[middle] <= wanted) low = middle;
    else high = middle;
  }
  return Math.abs(step[high] - wanted) < Math.abs(step[low] - wanted) ? value[high] : value[low];
}
