// The pictures that are kept, in this browser, for each run.

import { acceptsPictures } from "./drag.js";
import { button, element, section } from "./element.js";
import { keyOf } from "./latent.js";
import { moveWithArrows, oneTabStop, pictureCell } from "./picture_cell.js";
import { say } from "./say.js";

const MOST_KEPT = 64;

export class Kept {
  constructor(tools, id, onChange) {
    Object.assign(this, { tools, onChange, place: `dcgan-studio kept ${id}` });
    this.items = read(this.place);
    this.cells = new Map();
    this.row = element("div", { class: "kept-row", role: "group", "aria-label": "Kept pictures" });
    this.none = element(
      "p",
      { class: "note nothing" },
      "Nothing is kept yet. Drag pictures here, double click one, or press K on it.",
    );
    this.section = section(
      "Kept",
      [
        button("Save all z", () => this.items.length > 0 && tools.saveVectors(this.items)),
        button("Remove all", () => this.set([])),
      ],
      element("div", { class: "kept-place" }, this.row, this.none),
    );
    acceptsPictures(this.section, (item) => this.keep(item));
    moveWithArrows(this.row);
    this.row.addEventListener("keydown", (event) => {
      if (event.key !== "Delete" && event.key !== "Backspace") return;
      event.preventDefault();
      this.remove(event.target.item);
    });
    this.render();
  }

  keep(item) {
    if (this.items.some((other) => keyOf(other) === keyOf(item))) {
      say(`${item.name} is kept already.`);
      return;
    }
    if (this.items.length === MOST_KEPT) {
      say(`${MOST_KEPT} pictures can be kept: remove one first.`);
      return;
    }
    this.set([...this.items, item]);
    say(`Kept ${item.name}.`);
  }

  remove(item) {
    if (item) this.set(this.items.filter((other) => keyOf(other) !== keyOf(item)));
  }

  set(items) {
    this.items = items;
    try {
      localStorage.setItem(this.place, JSON.stringify(items));
    } catch {
      say("The browser does not let this page keep pictures: they are there until it is closed.");
    }
    this.render();
    this.onChange(items);
  }

  render() {
    const keys = new Set(this.items.map(keyOf));
    for (const [key, figure] of this.cells) if (!keys.has(key)) this.removeFigure(key, figure);
    for (const item of this.items) {
      if (this.cells.has(keyOf(item))) continue;
      const cell = pictureCell(this.tools, item);
      const away = button("×", () => this.remove(item), {
        class: "away",
        "aria-label": `Remove ${item.name}`,
        title: "Remove (Delete)",
      });
      const figure = element("div", { class: "kept-one" }, cell, away);
      this.cells.set(keyOf(item), figure);
      this.row.append(figure);
    }
    oneTabStop(this.row);
    this.none.hidden = this.items.length > 0;
    for (const control of this.section.querySelectorAll(".bar button")) control.disabled = this.items.length === 0;
  }

  /** Removes a picture; the keyboard goes on at the next one. */
  removeFigure(key, figure) {
    const next =
      figure.contains(document.activeElement) && (figure.nextElementSibling ?? figure.previousElementSibling);
    figure.remove();
    this.cells.delete(key);
    if (next) next.querySelector(".face").focus();
  }
}

/** What was kept; what another version wrote is left out. */
function read(place) {
  try {
    const items = JSON.parse(localStorage.getItem(place)) ?? [];
    return items.filter((item) => item?.latent && typeof item.name === "string");
  } catch {
    return [];
  }
}
