// A walk from each kept picture to the next, and from the last back to the first.

const SECONDS_PER_STOP = 2.5;

export class Walk {
  /**
   * @param {HTMLElement} panel
   * @param {import("./gallery.js").Gallery} gallery
   */
  constructor(panel, gallery) {
    this.panel = panel;
    this.gallery = gallery;
    this.stops = [];
    /** The playing that goes on, if one does; another object each time that it begins. */
    this.turn = null;
    this.slider = panel.querySelector("input");
    this.button = panel.querySelector(".play");
    this.canvas = gallery.newCanvas();
    panel.querySelector(".screen").append(this.canvas);
    this.slider.addEventListener("input", () => this.showFrame());
    this.button.addEventListener("click", () => (this.turn ? this.pause() : this.play()));
    panel.querySelector(".save").addEventListener("click", () => this.save());
  }

  render(recipes) {
    const isSame = String(recipes) === String(this.stops);
    if (isSame && this.vectors) return;
    this.stops = recipes;
    this.vectors = recipes.map((recipe) => this.gallery.space.vectorOf(recipe));
    const canWalk = recipes.length > 1;
    for (const control of this.panel.querySelectorAll("button, input")) control.disabled = !canWalk;
    this.panel.querySelector(".hint").hidden = canWalk;
    if (canWalk) {
      this.slider.max = recipes.length;
      this.showFrame();
    } else {
      this.pause();
      this.gallery.clear(this.canvas);
    }
  }

  /** The stops before and behind the slider, and the part of the way between them. */
  get position() {
    const value = Number(this.slider.value) % this.stops.length;
    const from = Math.floor(value);
    return { from, to: (from + 1) % this.stops.length, part: value - from };
  }

  get vector() {
    const { from, to, part } = this.position;
    if (part === 0) return this.vectors[from];
    return this.gallery.space.between(this.vectors[from], this.vectors[to], part);
  }

  get description() {
    const { from, to, part } = this.position;
    return `${Math.round(100 * part)}% of the way from ${this.stops[from].name} to ${this.stops[to].name}`;
  }

  async showFrame() {
    this.canvas.setAttribute("aria-label", `Picture at ${this.description}`);
    this.slider.setAttribute("aria-valuetext", this.description);
    await this.gallery.showVector(this.canvas, this.vector, true);
  }

  async play() {
    const turn = {};
    this.turn = turn;
    this.button.textContent = "Pause";
    let last = performance.now();
    while (true) {
      const now = await new Promise(requestAnimationFrame);
      if (this.turn !== turn) return; // paused, or paused and played again, in the meantime
      const seconds = Math.min(0.5, Math.max(0, now - last) / 1000);
      last = now;
      this.slider.value = (Number(this.slider.value) + seconds / SECONDS_PER_STOP) % this.stops.length;
      await this.showFrame();
    }
  }

  pause() {
    this.turn = null;
    this.button.textContent = "Play";
  }

  save() {
    const { from, to, part } = this.position;
    const [start, end] = [this.stops[from], this.stops[to]];
    const name = `walk-${start}-to-${end}-${Math.round(100 * part)}`.replaceAll(":", "=");
    this.gallery.saveVector(this.vector, name, `${start.seeds},${end.seeds}`);
  }
}
