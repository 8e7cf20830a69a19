// Interpolates from one kept picture to the next, and plays it.

import { download, postForBlob, runPath } from "./api.js";
import { button, element, problemLine, section } from "./element.js";
import { between, fileName, keyOf } from "./latent.js";

/** Few enough frames to be drawn soon, and enough to play smoothly. */
const MOST_FRAMES = 64;
const MOST_BETWEEN = 16;
const MILLISECONDS_PER_FRAME = 90;

export class Interpolation {
  constructor(tools, id, signal) {
    Object.assign(this, { tools, id, signal, stops: [], frames: [] });
    this.canvas = tools.painter.newCanvas("large");
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      value: 0,
      "aria-label": "Position",
      oninput: () => this.show(Number(this.slider.value)),
    });
    this.play = button("Play", () => (this.timer ? this.pause() : this.start()), { class: "main play" });
    this.save = button("Save GIF", () => this.saveGif());
    this.line = element("p", { class: "note", role: "status" });
    this.problem = problemLine();
    this.section = section(
      "Interpolate",
      [this.play, this.save],
      element("div", { class: "walk-frame" }, this.canvas),
      this.slider,
      this.line,
      this.problem.line,
    );
    signal.addEventListener("abort", () => this.pause());
  }

  /**
   * Takes the pictures to interpolate between, in their order and back to the first: the kept ones, or the first new
   * ones while fewer than two are kept.
   */
  setStops(kept, others) {
    const isKept = kept.length >= 2;
    const stops = isKept ? kept.slice(0, MOST_FRAMES / 2) : others;
    if (stops.map(keyOf).join() === this.stops.map(keyOf).join()) return;
    this.stops = stops;
    this.pause();
    this.problem.clear();
    this.words = isKept
      ? `Through ${stops.length} kept pictures, and back to the first.`
      : "Through the first new pictures. Keep two or more to go from one to the other.";
    this.line.textContent = this.words;
    const { length } = this.stops;
    const each = Math.min(MOST_BETWEEN, Math.floor(MOST_FRAMES / length));
    this.frames = this.stops.flatMap((stop, at) =>
      Array.from({ length: each }, (_, frame) =>
        frame === 0 ? stop : between(stop, this.stops[(at + 1) % length], frame / each),
      ),
    );
    this.slider.max = this.frames.length - 1;
    this.show(Math.min(Number(this.slider.value), this.frames.length - 1));
  }

  show(at) {
    this.at = at;
    this.slider.value = at;
    const { painter } = this.tools;
    painter.show(this.canvas, this.frames[at], true);
  }

  /** Draws all frames before they are played. */
  async prepare() {
    const { painter } = this.tools;
    const missing = this.frames.filter((frame) => !painter.remembered.has(keyOf(frame)));
    for (let from = 0; from < missing.length; from += 16) {
      this.line.textContent = `Drawing ${this.frames.length} pictures: ${from + this.frames.length - missing.length} are there.`;
      const part = missing.slice(from, from + 16);
      await painter.draw(part.map(({ latent }) => latent));
    }
    this.line.textContent = this.words;
  }

  async start() {
    this.problem.clear();
    this.play.disabled = true;
    const { stops } = this;
    try {
      await this.prepare();
    } catch (error) {
      this.problem.show(error);
      return;
    } finally {
      this.play.disabled = false;
    }
    if (stops !== this.stops) return;
    this.play.textContent = "Pause";
    this.timer = setInterval(() => this.show((this.at + 1) % this.frames.length), MILLISECONDS_PER_FRAME);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  async saveGif() {
    this.problem.clear();
    this.save.disabled = true;
    this.line.textContent = "Drawing the GIF …";
    const name = `${fileName(this.id, { name: "interpolation" })}.gif`;
    try {
      const body = {
        stops: this.stops.map(({ latent }) => latent),
        frames: MOST_BETWEEN,
        loop: true,
        upscale: 4,
        ...this.tools.weights(),
      };
      download(await postForBlob(runPath(this.id, "interpolation"), body, this.signal), name);
      this.line.textContent = `Saved as ${name}.`;
    } catch (error) {
      this.line.textContent = "";
      this.problem.show(error);
    }
    this.save.disabled = false;
  }
}
