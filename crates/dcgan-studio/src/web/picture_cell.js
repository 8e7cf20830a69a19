// A picture that can be chosen, dragged and computed with.

import { isDragged } from "./drag.js";
import { element } from "./element.js";
import { keyOf } from "./latent.js";

/** The keys that work on every picture, for the lines that tell of them. */
export const KEYS = "K keeps, A, B and C add to the sum, S saves.";

/**
 * @param {{painter: object, choose: Function, keep: Function, add: Function, save: Function}} tools
 * @param {object} item
 */
export function pictureCell(tools, item) {
  const canvas = tools.painter.newCanvas();
  const caption = element("span", { class: "caption" });
  const cell = element("button", { type: "button", class: "face" }, canvas, caption);
  cell.addEventListener("click", () => tools.choose(cell.item));
  cell.addEventListener("dblclick", () => tools.keep(cell.item));
  isDragged(cell, canvas);
  cell.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "k") tools.keep(cell.item);
    else if (key === "s") tools.save(cell.item);
    else if (key === "a" || key === "b" || key === "c") tools.add("abc".indexOf(key), cell.item);
    else return;
    event.preventDefault();
  });
  cell.canvas = canvas;
  cell.caption = caption;
  setItem(tools, cell, item);
  return cell;
}

export function setItem(tools, cell, item) {
  cell.item = item;
  cell.key = keyOf(item);
  cell.caption.textContent = item.name;
  cell.setAttribute("aria-label", `Picture of ${item.name}`);
  tools.painter.show(cell.canvas, item);
}

/** Moves the focus between pictures with the arrow keys; the Tab key goes past them. */
export function moveWithArrows(group) {
  const cells = () => [...group.querySelectorAll(".face")];
  group.addEventListener("focusin", ({ target }) => {
    if (target.matches(".face")) for (const cell of cells()) cell.tabIndex = cell === target ? 0 : -1;
  });
  group.addEventListener("keydown", (event) => {
    const all = cells();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    const top = all[0].getBoundingClientRect().top;
    const columns = all.findIndex((cell) => cell.getBoundingClientRect().top > top + 1);
    const row = columns < 0 ? all.length : columns;
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - row,
      ArrowDown: at + row,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[to]?.focus();
  });
}

/** Only one picture of a group is in the order of the Tab key. */
export function oneTabStop(group) {
  const all = [...group.querySelectorAll(".face")];
  const current =
    all.find((cell) => cell === document.activeElement) ?? all.find((cell) => cell.tabIndex === 0) ?? all[0];
  for (const cell of all) cell.tabIndex = cell === current ? 0 : -1;
}
