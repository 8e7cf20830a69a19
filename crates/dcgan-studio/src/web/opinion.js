// What the discriminator thinks of a picture, and which pixels it responds to.

import { postJson, runPath } from "./api.js";
import { element, problemLine } from "./element.js";
import { keyOf } from "./latent.js";
import { measure } from "./words.js";

export class Opinion {
  /** @param {HTMLElement} frame holds the picture, and is pointed at @param {number} side of the picture, in pixels */
  constructor(id, frame, side, signal) {
    Object.assign(this, { id, frame, side, signal, item: null, at: null });
    this.words = element("p", { class: "opinion-words" }, "\u00a0");
    this.scale = element("span");
    this.switch = element("input", { type: "checkbox", checked: true, onchange: () => this.point(null) });
    this.problem = problemLine();
    this.heat = element("img", { class: "heat", alt: "", hidden: true });
    this.mark = element("span", { class: "crosshair", hidden: true });
    frame.append(this.heat, this.mark);
    this.content = element(
      "div",
      { class: "opinion" },
      element(
        "div",
        { class: "opinion-scale", "aria-hidden": "true" },
        element("span", {}, "fake"),
        element("span", { class: "track" }, this.scale),
        element("span", {}, "real"),
      ),
      this.words,
      element(
        "label",
        { class: "check", title: "Shows the pixels that the discriminator responds to where you point" },
        this.switch,
        "Guided backpropagation under the pointer",
      ),
      this.problem.line,
    );
    this.listen();
  }

  listen() {
    const { frame, side } = this;
    const pixel = ({ clientX, clientY }) => {
      const { left, top, width, height } = frame.getBoundingClientRect();
      const within = (part) => Math.min(side - 1, Math.max(0, Math.floor(part * side)));
      return [within((clientX - left) / width), within((clientY - top) / height)];
    };
    for (const type of ["pointermove", "pointerdown"]) {
      frame.addEventListener(type, (event) => this.switch.checked && this.point(pixel(event)));
    }
    frame.addEventListener("pointerleave", () => this.point(null));
    frame.addEventListener("blur", () => this.point(null));
    frame.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.point(null);
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (dx === undefined || !this.switch.checked) return;
      event.preventDefault();
      const by = event.shiftKey ? 8 : 2;
      const [x, y] = this.at ?? [side / 2, side / 2];
      const within = (place) => Math.min(side - 1, Math.max(0, Math.round(place)));
      this.point([within(x + dx * by), within(y + dy * by)]);
    });
  }

  show(item) {
    if (this.item && keyOf(item) === keyOf(this.item)) return;
    this.item = item;
    this.ask();
  }

  /** The weights changed. */
  again() {
    if (this.item) this.ask();
  }

  point(at) {
    if (String(at) === String(this.at)) return;
    this.at = at;
    this.mark.hidden = at === null;
    if (at === null) {
      this.heat.hidden = true;
      return;
    }
    this.mark.style.left = `${((at[0] + 0.5) / this.side) * 100}%`;
    this.mark.style.top = `${((at[1] + 0.5) / this.side) * 100}%`;
    if (this.item) this.ask();
  }

  /** Asks for one opinion at a time; the newest question is asked last. */
  ask() {
    this.isWanted = true;
    this.asking ??= this.work().finally(() => (this.asking = null));
  }

  async work() {
    while (this.isWanted && !this.signal.aborted) {
      this.isWanted = false;
      const { item, at } = this;
      try {
        const answer = await postJson(
          runPath(this.id, "opinion"),
          { latent: item.latent, ...(at && { at }), ...this.weights?.() },
          this.signal,
        );
        this.problem.clear();
        this.say(answer);
        if (this.at === null || !answer.heat) this.heat.hidden = true;
        else {
          this.heat.src = answer.heat;
          this.heat.hidden = false;
        }
      } catch (error) {
        this.words.textContent = "\u00a0";
        this.problem.show(error);
      }
    }
  }

  say({ logit, probability }) {
    this.scale.style.left = `${Math.min(1, Math.max(0, probability)) * 100}%`;
    this.words.textContent = `The discriminator: ${Math.round(probability * 100)}% real (logit ${measure(logit)}).`;
  }
}
