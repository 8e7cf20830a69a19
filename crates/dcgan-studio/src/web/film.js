// The reports of a run as a film: the same 64 latent vectors at every report.

import { button, element } from "./element.js";
import { COLUMNS, TILES, loadGrid, tileOf } from "./report_grid.js";
import { count } from "./words.js";

/** Reports that stay in memory. */
const MOST_KEPT = 120;

export class Film extends EventTarget {
  /** Event "picture" when another of the 64 is chosen, "loaded" when a report is there. */
  constructor(id, signal) {
    super();
    Object.assign(this, { id, signal, side: 64, steps: [], chosen: 0, wanted: null, isReal: false });
    this.reports = new Map();
    this.canvas = element("canvas", {
      class: "film-picture",
      width: 530,
      height: 530,
      tabindex: 0,
      role: "img",
      "aria-label": "No report yet",
    });
    this.canvas.addEventListener("click", (event) => this.chooseAt(event));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    const isNarrow = matchMedia("(max-width: 40rem)").matches;
    this.larger = button("Larger", () => this.setLarge(!this.isLarge), { title: "Shows a quarter of the pictures" });
    this.setLarge(isNarrow);
    this.none = element("p", { class: "none" }, "Pictures come with the first report.");
    this.frame = element("div", { class: "film-frame" }, this.canvas, this.none);
  }

  /** Shows the quarter with the chosen picture, twice as large. */
  setLarge(isLarge) {
    this.isLarge = isLarge;
    this.larger.setAttribute("aria-pressed", isLarge);
    if (this.shown) this.draw(this.shown);
  }

  /** What is shown of the 8 × 8: so many columns and rows from a place on. */
  get part() {
    const columns = this.isLarge ? COLUMNS / 2 : COLUMNS;
    const start = (place) => Math.floor(place / columns) * columns;
    return { columns, left: start(this.chosen % COLUMNS), top: start(Math.floor(this.chosen / COLUMNS)) };
  }

  setSteps(steps, side) {
    this.steps = steps;
    this.side = side;
    this.none.hidden = steps.length > 0;
  }

  /** The report of a step; loaded once. */
  report(step, isReal = false) {
    const key = isReal ? -step : step;
    if (!this.reports.has(key)) {
      if (this.reports.size >= MOST_KEPT) this.reports.delete(this.reports.keys().next().value);
      const loading = loadGrid(this.id, step, this.signal, isReal);
      this.reports.set(key, loading);
      loading.then(
        (picture) => {
          loading.picture = picture;
          this.dispatchEvent(new Event("loaded"));
        },
        () => this.reports.delete(key),
      );
    }
    return this.reports.get(key);
  }

  /** Loads the reports one after the other, so that the film can be played. */
  async preload() {
    for (const step of this.steps.slice(-MOST_KEPT)) {
      if (this.signal.aborted) return;
      await this.report(step).catch(() => {});
    }
  }

  /** Shows the report that is nearest to a step. */
  async show(step) {
    const nearest = this.nearest(step);
    if (nearest === null) return;
    this.wanted = nearest;
    try {
      const picture = await this.report(nearest, this.isReal);
      if (this.wanted === nearest) this.draw(picture);
    } catch {
      // a report that is not there any more leaves the last one
    }
  }

  nearest(step) {
    return this.steps.reduce(
      (best, at) => (best === null || Math.abs(at - step) < Math.abs(best - step) ? at : best),
      null,
    );
  }

  draw(picture) {
    this.shown = picture;
    const { canvas } = this;
    const { columns, left, top } = this.part;
    const first = tileOf(picture, this.side, top * COLUMNS + left);
    const border = tileOf(picture, this.side, 0).x;
    const [x, y] = [first.x - border, first.y - border];
    const size = columns * (this.side + border) + border;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    context.drawImage(picture, x, y, size, size, 0, 0, size, size);
    if (!this.isReal) {
      const chosen = tileOf(picture, this.side, this.chosen);
      context.lineWidth = 2;
      context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--accent").trim();
      context.strokeRect(chosen.x - x - 1, chosen.y - y - 1, this.side + 2, this.side + 2);
    }
    const words = this.isReal
      ? "Real pictures"
      : `64 pictures that the generator drew at step ${count(this.wanted)}; number ${this.chosen + 1} is chosen`;
    canvas.setAttribute("aria-label", words);
  }

  choose(index) {
    this.chosen = (index + TILES) % TILES;
    if (this.shown) this.draw(this.shown);
    this.dispatchEvent(new Event("picture"));
  }

  chooseAt({ offsetX, offsetY }) {
    const { columns, left, top } = this.part;
    const { clientWidth } = this.canvas;
    const at = (place) => Math.min(columns - 1, Math.max(0, Math.floor((place / clientWidth) * columns)));
    this.choose((top + at(offsetY)) * COLUMNS + left + at(offsetX));
  }

  press(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
    if (!move) return;
    event.preventDefault();
    this.choose(this.chosen + move);
  }
}
