// The grid of new pictures. A picture is a button: it keeps the picture, or removes it from the kept ones.

import { element } from "./element.js";

export class Faces {
  /**
   * @param {HTMLElement} grid
   * @param {import("./gallery.js").Gallery} gallery
   * @param {(recipe: Recipe) => void} toggleKept
   */
  constructor(grid, gallery, toggleKept) {
    this.grid = grid;
    this.gallery = gallery;
    this.toggleKept = toggleKept;
    this.cells = [];
    this.recipes = [];
    grid.addEventListener("keydown", (event) => this.onKey(event));
  }

  /**
   * @param {Recipe[]} recipes
   * @param {Set<string>} kept as texts
   */
  render(recipes, kept) {
    while (this.cells.length > recipes.length) this.cells.pop().button.remove();
    while (this.cells.length < recipes.length) this.cells.push(this.newCell(this.cells.length));
    this.recipes = recipes;
    recipes.forEach((recipe, at) => {
      const { button, canvas, caption } = this.cells[at];
      const isKept = kept.has(String(recipe));
      this.gallery.show(canvas, recipe);
      caption.textContent = String(recipe.terms[0].seed);
      button.setAttribute("aria-pressed", String(isKept));
      button.title = isKept ? "Kept: click to remove" : "Click to keep";
    });
  }

  newCell(at) {
    const canvas = this.gallery.newCanvas();
    const caption = element("span", "caption");
    const button = element("button", "face", canvas, caption);
    button.type = "button";
    button.tabIndex = at === 0 ? 0 : -1; // the arrow keys reach the others
    button.addEventListener("click", () => this.toggleKept(this.recipes[at]));
    button.addEventListener("focus", () => {
      for (const cell of this.cells) cell.button.tabIndex = cell.button === button ? 0 : -1;
    });
    this.grid.append(button);
    return { button, canvas, caption };
  }

  onKey(event) {
    const at = this.cells.findIndex(({ button }) => button === document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = getComputedStyle(this.grid).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const ends = { Home: 0, End: this.cells.length - 1 };
    const target = this.cells[event.key in steps ? at + steps[event.key] : ends[event.key]];
    if (event.key in steps || event.key in ends) {
      event.preventDefault();
      target?.button.focus();
    } else if (event.key === "s") {
      this.gallery.save(this.recipes[at]);
    }
  }
}
