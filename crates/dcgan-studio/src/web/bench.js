// The picture that is looked at: large, with its sliders, the discriminator's opinion and its neighbours.

import { acceptsPictures } from "./drag.js";
import { button, element, section } from "./element.js";
import { keyOf, movesOf, withMoves } from "./latent.js";
import { Neighbours } from "./neighbours.js";
import { Opinion } from "./opinion.js";
import { Sliders } from "./sliders.js";
import { sentenceCase } from "./words.js";

export class Bench {
  /** @param {(item: object) => void} onChange the picture is another @param {(moves: ?Map) => void} onAll moves all */
  constructor(tools, { id, side, signal }, onChange, onAll) {
    Object.assign(this, { tools, onChange, onAll, item: null });
    this.canvas = tools.painter.newCanvas("large");
    this.frame = element(
      "div",
      { class: "bench-frame", tabindex: 0, role: "group", "aria-label": "The picture; arrow keys point at its pixels" },
      this.canvas,
    );
    this.name = element("p", { class: "bench-name" }, "\u00a0");
    this.opinion = new Opinion(id, this.frame, side, signal);
    this.neighbours = new Neighbours(id, side, signal);
    this.sliders = new Sliders(id, (moves) => this.move(moves), signal);
    this.all = element("input", {
      type: "checkbox",
      onchange: () => this.onAll(this.all.checked ? this.sliders.moves : new Map()),
    });
    acceptsPictures(this.frame, (item) => tools.choose(item));
    const act = (label, action, attributes) => button(label, () => action(this.item), attributes);
    this.aside = element(
      "aside",
      { class: "bench", "aria-label": "The chosen picture" },
      element(
        "div",
        { class: "bench-top" },
        this.frame,
        element(
          "div",
          { class: "bench-side" },
          this.name,
          element(
            "div",
            { class: "row" },
            act("Keep", tools.keep, { class: "main" }),
            act("Save PNG", tools.save),
            act("Save z", tools.saveVector, { title: "The latent vector, as a file for dcgan interpolate --z" }),
          ),
        ),
      ),
      this.opinion.content,
      section(
        "Directions",
        [
          element(
            "label",
            { class: "check", title: "The sliders move all new pictures" },
            this.all,
            "All new pictures",
          ),
          button("Reset", () => this.reset()),
        ],
        this.sliders.content,
      ),
      section("Nearest training pictures", [this.neighbours.find], this.neighbours.content),
    );
  }

  /** Shows an item; the sliders are set as it was made. */
  choose(item) {
    this.sliders.set(movesOf(item));
    this.render(item);
    if (this.all.checked) this.onAll(this.sliders.moves);
  }

  move(moves) {
    this.render(withMoves(this.item, moves));
    if (this.all.checked) this.onAll(moves);
  }

  reset() {
    this.sliders.set(new Map());
    this.move(new Map());
  }

  render(item) {
    if (this.item && keyOf(item) === keyOf(this.item)) return;
    this.item = item;
    this.name.textContent = sentenceCase(item.name);
    this.tools.painter.show(this.canvas, item, true);
    this.opinion.show(item);
    this.neighbours.show(item);
    this.onChange(item);
  }
}
