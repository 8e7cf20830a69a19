// One of the 64 pictures at every report, on the time axis.

import { element } from "./element.js";
import { drawTile } from "./report_grid.js";
import { LEFT, RIGHT } from "./time_axis.js";

export class FilmStrip {
  constructor(film, axis, signal) {
    Object.assign(this, { film, axis });
    this.canvas = element("canvas", { class: "film-strip", "aria-hidden": "true" });
    const redraw = () => this.schedule();
    for (const type of ["view", "film"]) axis.on(type, redraw, signal);
    film.addEventListener("picture", redraw, { signal });
    film.addEventListener("loaded", redraw, { signal });
    const sizes = new ResizeObserver(redraw);
    sizes.observe(this.canvas);
    signal.addEventListener("abort", () => sizes.disconnect());
    const go = (event) =>
      event.buttons & 1 && axis.setFilm(film.nearest(axis.stepAt(event.offsetX, this.canvas.clientWidth)));
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    this.canvas.addEventListener("pointermove", go);
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { canvas, film, axis } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.imageSmoothingQuality = "high";
    const style = getComputedStyle(canvas);
    context.fillStyle = style.getPropertyValue("--line").trim();
    context.fillRect(LEFT, 0, width - LEFT - RIGHT, height);
    const places = Math.ceil((width - LEFT - RIGHT) / height);
    const space = (width - LEFT - RIGHT) / places;
    for (let place = 0; place < places; place++) {
      const left = LEFT + place * space;
      const step = film.nearest(axis.stepAt(left + space / 2, width));
      const { picture } = (step !== null && film.reports.get(step)) || {};
      if (!picture) continue;
      // the middle of the picture, if there is less space than a square
      context.save();
      context.beginPath();
      context.rect(left, 0, space, height);
      context.clip();
      drawTile(context, picture, film.side, film.chosen, left + (space - height) / 2, 0, height);
      context.restore();
    }
    if (axis.film === null) return;
    context.fillStyle = style.getPropertyValue("--accent").trim();
    context.fillRect(axis.placeOf(axis.film, width) - 1, 0, 2, height);
  }
}
