// The grid of new pictures: consecutive seeds.

import { button, element, section } from "./element.js";
import { LARGEST_SEED, itemOfSeed, newSeed, withMoves } from "./latent.js";
import { KEYS, moveWithArrows, oneTabStop, pictureCell, setItem } from "./picture_cell.js";

/** 24 pictures fill rows of 6, 4 and 3. */
const COUNT = 24;

export class PictureGrid {
  constructor(tools, hasTruncation, onChange) {
    Object.assign(this, { tools, onChange, first: 0, truncation: null, moves: new Map() });
    this.field = element("input", {
      type: "number",
      min: 0,
      step: 1,
      value: 0,
      inputmode: "numeric",
      onchange: () => this.readSeed(),
    });
    this.limit = element("input", {
      type: "range",
      min: 0.3,
      max: 3,
      step: 0.1,
      value: 3,
      "aria-label": "Truncation",
      oninput: () => this.truncate(),
    });
    this.limitWords = element("span", { class: "value" }, "off");
    const truncation = element(
      "label",
      { class: "inline", title: "Smaller limits give less varied but better pictures" },
      "Truncation ",
      this.limitWords,
      this.limit,
    );
    this.faces = element("div", { class: "faces", role: "group", "aria-label": "New pictures" });
    this.section = section(
      "New pictures",
      [
        button("New seeds", () => this.from(newSeed()), { class: "main" }),
        element("label", { class: "inline" }, "From seed ", this.field),
        hasTruncation ? truncation : null,
      ].filter(Boolean),
      this.faces,
      element(
        "p",
        { class: "note" },
        `Click a picture to look closer; double click keeps it; drag it to the sum or to the kept ones. With the keyboard: arrow keys, Enter; ${KEYS}`,
      ),
    );
    moveWithArrows(this.faces);
    this.cells = this.items().map((item) => pictureCell(tools, item));
    this.faces.append(...this.cells);
    oneTabStop(this.faces);
  }

  items() {
    return Array.from({ length: COUNT }, (_, at) =>
      withMoves(itemOfSeed(this.first + at, this.truncation), this.moves),
    );
  }

  from(seed) {
    this.first = Math.min(seed, LARGEST_SEED - COUNT);
    this.field.value = this.first;
    this.render();
  }

  readSeed() {
    if (/^\d+$/.test(this.field.value) && Number(this.field.value) <= LARGEST_SEED) this.from(Number(this.field.value));
    else this.field.value = this.first;
  }

  truncate() {
    const limit = Number(this.limit.value);
    this.truncation = limit >= 3 ? null : limit;
    this.limitWords.textContent = this.truncation === null ? "off" : limit.toFixed(1);
    this.limit.setAttribute("aria-valuetext", this.limitWords.textContent);
    this.render();
  }

  /** Moves all pictures along directions. */
  setMoves(moves) {
    this.moves = moves;
    this.render();
  }

  render() {
    this.items().forEach((item, at) => setItem(this.tools, this.cells[at], item));
    this.markChosen();
    this.onChange();
  }

  markChosen(key = this.chosen) {
    this.chosen = key;
    for (const cell of this.cells) cell.setAttribute("aria-pressed", cell.key === key);
  }
}
