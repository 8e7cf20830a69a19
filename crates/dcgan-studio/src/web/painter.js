// Draws pictures on canvases: the studio draws them, several at a time, one request after the other.

import { runPath, send } from "./api.js";

/** Pictures in a request: few, so that what is urgent need not wait for long. */
const MOST_IN_SHEET = 16;
const MOST_PIXELS_REMEMBERED = 4_000_000;

export class Painter extends EventTarget {
  /** Events: "step" when the weights are of another step, "problem" with the error, "well" when the studio draws again. */
  constructor(id, side, signal) {
    super();
    Object.assign(this, { id, side, signal, checkpoint: null, step: null, generation: 0 });
    this.wanted = new Map();
    this.pending = new Map();
    this.remembered = new Map();
    this.sizes = new ResizeObserver((entries) =>
      entries.forEach(({ target, contentRect }) =>
        target.classList.toggle("pixels", contentRect.width > 3 * this.side),
      ),
    );
    signal.addEventListener("abort", () => this.sizes.disconnect());
  }

  /** A canvas for a picture; its pixels are squares where it is shown large. */
  newCanvas(className = "") {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.side;
    canvas.className = `picture ${className}`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "No picture yet");
    this.sizes.observe(canvas);
    return canvas;
  }

  /** Shows the picture of an item as soon as it is drawn. For the same canvas the newest item wins. */
  show(canvas, item, isUrgent = false) {
    const key = JSON.stringify(item.latent);
    const last = this.wanted.get(canvas);
    if (last?.key === key && !last.isFailed) return;
    this.wanted.set(canvas, { key, latent: item.latent, isUrgent });
    canvas.setAttribute("aria-label", `Picture of ${item.name}`);
    canvas.removeAttribute("title");
    this.want(canvas);
  }

  want(canvas) {
    const { key, latent, isUrgent } = this.wanted.get(canvas);
    const picture = this.remembered.get(key);
    if (picture) {
      this.pending.delete(canvas);
      paint(canvas, picture);
      return;
    }
    this.pending.delete(canvas);
    this.pending.set(canvas, { key, latent, isUrgent });
    canvas.setAttribute("aria-busy", "true");
    this.working ??= Promise.resolve()
      .then(() => this.work())
      .finally(() => (this.working = null));
  }

  /** Shows nothing. */
  clear(canvas) {
    this.wanted.delete(canvas);
    this.pending.delete(canvas);
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.removeAttribute("aria-busy");
    canvas.setAttribute("aria-label", "No picture");
  }

  /** Draws all again, with the weights of a checkpoint, or of the newest (null). */
  redraw(checkpoint = this.checkpoint) {
    this.checkpoint = checkpoint;
    this.generation++;
    this.remembered.clear();
    for (const canvas of this.wanted.keys()) {
      if (canvas.isConnected) this.want(canvas);
      else this.wanted.delete(canvas);
    }
  }

  async work() {
    while (this.pending.size > 0 && !this.signal.aborted) {
      const waiting = [...this.pending].filter(([canvas]) => canvas.isConnected || this.wanted.has(canvas));
      const urgent = waiting.filter(([, { isUrgent }]) => isUrgent);
      const batch = (urgent.length > 0 ? urgent : waiting).slice(0, MOST_IN_SHEET);
      for (const [canvas] of batch) this.pending.delete(canvas);
      await this.drawBatch(batch);
    }
  }

  async drawBatch(batch) {
    const isWanted = ([canvas, { key }]) => this.wanted.get(canvas)?.key === key;
    try {
      const pictures = await this.draw(batch.map(([, { latent }]) => latent));
      for (const one of batch.filter(isWanted)) {
        const picture = pictures.get(one[1].key);
        if (picture) paint(one[0], picture);
      }
      if (this.isIll) this.dispatchEvent(new Event("well"));
      this.isIll = false;
    } catch (error) {
      if (error.name === "AbortError") return;
      // one that cannot be drawn does not hold back the others
      const isOfOne = error.status === 400 || error.status === 422;
      if (isOfOne && batch.length > 1) {
        for (const one of batch) await this.drawBatch([one]);
        return;
      }
      this.isIll = !isOfOne;
      for (const [canvas] of batch.filter(isWanted)) {
        this.wanted.get(canvas).isFailed = true;
        canvas.removeAttribute("aria-busy");
        canvas.title = error.message;
      }
      this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    }
  }

  /** Draws pictures of latent vectors, and remembers them, unless other weights were chosen in the meantime. */
  async draw(latents) {
    const { checkpoint, side, generation } = this;
    const columns = Math.min(latents.length, 8);
    const body = { latents, columns, ...(checkpoint !== null && { checkpoint }) };
    const answer = await send("POST", runPath(this.id, "draw"), { body, signal: this.signal });
    this.setStep(Number(answer.headers.get("X-Step")));
    const sheet = await createImageBitmap(await answer.blob());
    const tiles = await Promise.all(
      latents.map((_, at) =>
        createImageBitmap(sheet, (at % columns) * side, Math.floor(at / columns) * side, side, side),
      ),
    );
    if (generation !== this.generation) return new Map();
    const pictures = new Map(latents.map((latent, at) => [JSON.stringify(latent), tiles[at]]));
    for (const [key, picture] of pictures) this.remember(key, picture);
    return pictures;
  }

  setStep(step) {
    if (!step || step === this.step) return;
    const isFirst = this.step === null;
    this.step = step;
    this.dispatchEvent(new Event("step"));
    // pictures of different weights are not shown side by side
    if (!isFirst && this.checkpoint === null) this.redraw();
  }

  remember(key, picture) {
    const most = MOST_PIXELS_REMEMBERED / this.side ** 2;
    if (this.remembered.size >= Math.max(100, most)) this.remembered.delete(this.remembered.keys().next().value);
    this.remembered.set(key, picture);
  }
}

function paint(canvas, picture) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  canvas.removeAttribute("aria-busy");
}
