// A − B + C of kept pictures, as the paper's vector arithmetic with one picture for each group.

import { element } from "./element.js";

export class Arithmetic {
  /**
   * @param {HTMLElement} panel
   * @param {import("./gallery.js").Gallery} gallery
   * @param {(operands: Recipe[]) => void} onChoice
   * @param {(recipe: Recipe) => void} keep
   */
  constructor(panel, gallery, onChoice, keep) {
    this.panel = panel;
    this.gallery = gallery;
    this.selects = [...panel.querySelectorAll("select")];
    this.canvases = [...panel.querySelectorAll(".screen")].map((screen) => {
      const canvas = gallery.newCanvas();
      screen.append(canvas);
      return canvas;
    });
    for (const select of this.selects) {
      select.addEventListener("change", () => onChoice(this.selects.map(({ value }) => this.kept[value])));
    }
    panel.querySelector(".keep-result").addEventListener("click", () => keep(this.result));
    panel.querySelector(".save").addEventListener("click", () => gallery.save(this.result));
  }

  /**
   * @param {Recipe[]} kept
   * @param {Recipe[]} operands the choices for A, B and C; another picture stands for one that is not kept
   */
  render(kept, operands) {
    this.kept = kept;
    const isPossible = kept.length > 0;
    for (const control of this.panel.querySelectorAll("button, select")) control.disabled = !isPossible;
    this.panel.querySelector(".hint").hidden = isPossible;
    if (!isPossible) {
      this.canvases.forEach((canvas) => this.gallery.clear(canvas));
      return;
    }
    const texts = kept.map(String);
    const chosen = this.selects.map((select, at) => {
      const found = operands[at] ? texts.indexOf(String(operands[at])) : -1;
      const choice = found < 0 ? at % kept.length : found;
      select.replaceChildren(...kept.map(({ name }, place) => option(place, name, place === choice)));
      return kept[choice];
    });
    this.result = chosen[0].minus(chosen[1]).plus(chosen[2]);
    [...chosen, this.result].forEach((recipe, at) => this.gallery.show(this.canvases[at], recipe, at === 3));
  }
}

function option(value, text, isSelected) {
  return Object.assign(element("option", "", text), { value, selected: isSelected });
}
