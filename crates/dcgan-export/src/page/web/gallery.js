// Shows pictures on the page's canvases, and saves them.

import { pngOf } from "./png.js";

export class Gallery {
  /**
   * @param {import("./painter.js").Painter} painter
   * @param {import("./latent.js").LatentSpace} space
   * @param {{run: string, step: ?number, side: number, channels: number}} model
   */
  constructor(painter, space, model) {
    this.painter = painter;
    this.space = space;
    this.model = model;
  }

  /** A canvas that is announced as a picture. */
  newCanvas() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.model.side;
    canvas.setAttribute("role", "img");
    return canvas;
  }

  /** Shows the picture of a recipe, as soon as it is drawn. */
  show(canvas, recipe, isUrgent = false) {
    const text = String(recipe);
    if (canvas.dataset.recipe === text) return;
    canvas.dataset.recipe = text;
    canvas.setAttribute("aria-label", `Picture of ${recipe.name}`);
    this.showVector(canvas, this.space.vectorOf(recipe), isUrgent);
  }

  /** Shows the picture of a latent vector, and resolves to it, or to null if a later one came first. */
  async showVector(canvas, vector, isUrgent) {
    canvas.setAttribute("aria-busy", "true");
    const picture = await this.painter.draw(canvas, vector, isUrgent);
    if (picture) {
      canvas.getContext("2d").putImageData(picture, 0, 0);
      canvas.removeAttribute("aria-busy");
    }
    return picture;
  }

  /** Shows nothing. */
  clear(canvas) {
    this.painter.cancel(canvas);
    delete canvas.dataset.recipe;
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.removeAttribute("aria-busy");
    canvas.setAttribute("aria-label", "No picture yet");
  }

  /** Saves the picture of a recipe under the name that the program gives it. */
  async save(recipe) {
    const { terms, moves } = recipe;
    const isPlain = terms.length === 1 && terms[0].truncation === null && moves.size === 0;
    const name = isPlain ? `seed-${String(terms[0].seed).padStart(6, "0")}` : `picture-${recipe}`.replaceAll(":", "=");
    await this.saveVector(this.space.vectorOf(recipe), name, recipe.seeds);
  }

  async saveVector(vector, name, seeds) {
    const picture = await this.painter.draw({}, vector, true);
    const { run, step, channels } = this.model;
    const texts = [
      ["Software", "dcgan"],
      ["run", run],
    ];
    if (step !== null) texts.push(["step", String(step)]);
    texts.push(["seeds", seeds]);
    download(await pngOf(picture, channels === 1, texts), `${name}.png`);
  }
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
