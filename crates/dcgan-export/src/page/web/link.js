// The page's address: what follows `#` says what is shown, so that a link shows the same.

import { LARGEST_SEED, Recipe } from "./recipe.js";

/** Links are not endless. */
export const MOST_KEPT = 60;

/**
 * @typedef {object} Shown
 * @property {number} first the first seed of the grid
 * @property {?number} truncation
 * @property {Map<string, number>} moves
 * @property {Recipe[]} kept
 * @property {Recipe[]} operands of A − B + C
 */

/** @param {Shown} shown */
export function linkOf({ first, truncation, moves, kept, operands }) {
  const parts = [`seed=${first}`];
  if (truncation !== null) parts.push(`truncation=${truncation}`);
  const moved = [...moves].filter(([, strength]) => strength !== 0);
  if (moved.length > 0) parts.push(`move=${moved.map(([key, strength]) => `${key}:${strength}`).join(",")}`);
  parts.push(`keep=${kept.join(",")}`);
  if (operands.length > 0) parts.push(`sum=${operands.join(",")}`);
  return `#${parts.join("&")}`;
}

/**
 * What a link shows. What the link does not name is as in `usual`.
 *
 * @param {string} link
 * @param {Shown} usual
 * @param {import("./latent.js").LatentSpace} space
 * @returns {{shown: Shown, isWhole: boolean}} `isWhole` is false if a part of the link is not understood
 */
export function parseLink(link, usual, space) {
  let isWhole = true;
  const valid = (value, isValid, otherwise) => {
    isWhole &&= isValid;
    return isValid ? value : otherwise;
  };
  const recipes = (text) => {
    const found = text
      .split(",")
      .filter(Boolean)
      .map((part) => Recipe.parse(part, space));
    isWhole &&= !found.includes(null) && found.length <= MOST_KEPT;
    return found.filter(Boolean).slice(0, MOST_KEPT);
  };
  const shown = { ...usual };
  for (const part of link.replace(/^#/, "").split("&").filter(Boolean)) {
    const [name, text = ""] = unescaped(part).split("=");
    const number = Number(text);
    if (name === "seed") {
      shown.first = valid(number, /^\d+$/.test(text) && number <= LARGEST_SEED, usual.first);
    } else if (name === "truncation") {
      shown.truncation = valid(number, space.truncates(number), usual.truncation);
    } else if (name === "move") {
      const moved = Recipe.parse(`0_${text.split(",").join("_")}`, space);
      shown.moves = valid(moved?.moves, moved !== null, usual.moves);
    } else if (name === "keep") {
      shown.kept = recipes(text);
    } else if (name === "sum") {
      shown.operands = recipes(text);
    } else {
      isWhole = false;
    }
  }
  return { shown, isWhole };
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
