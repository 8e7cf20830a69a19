// The row of kept pictures.

import { element } from "./element.js";

export class Kept {
  /**
   * @param {HTMLElement} row
   * @param {import("./gallery.js").Gallery} gallery
   * @param {(recipe: Recipe) => void} onRemove
   */
  constructor(row, gallery, onRemove) {
    this.row = row;
    this.gallery = gallery;
    this.onRemove = onRemove;
    this.cells = new Map();
  }

  render(recipes) {
    const texts = new Set(recipes.map(String));
    for (const [text, cell] of this.cells) {
      if (!texts.has(text)) this.removeCell(text, cell);
    }
    for (const recipe of recipes) {
      const text = String(recipe);
      if (!this.cells.has(text)) this.cells.set(text, this.newCell(recipe));
    }
  }

  /** Removes a cell; the keyboard goes on at the next one. */
  removeCell(text, cell) {
    if (cell.contains(document.activeElement)) {
      const next = cell.nextElementSibling ?? cell.previousElementSibling;
      next?.querySelector("button:last-of-type").focus();
    }
    this.gallery.painter.cancel(cell.querySelector("canvas"));
    cell.remove();
    this.cells.delete(text);
  }

  newCell(recipe) {
    const canvas = this.gallery.newCanvas();
    const button = (label, action) => {
      const created = element("button", "small", label);
      created.type = "button";
      created.setAttribute("aria-label", `${label} ${recipe.name}`);
      created.addEventListener("click", action);
      return created;
    };
    const caption = element("figcaption", "caption", recipe.name);
    const save = button("Save", () => this.gallery.save(recipe));
    const remove = button("Remove", () => this.onRemove(recipe));
    const cell = element("figure", "kept", canvas, caption, element("div", "actions", save, remove));
    this.gallery.show(canvas, recipe);
    this.row.append(cell);
    return cell;
  }
}
