// The pictures of reports: 8 × 8 fakes from the same latent vectors in every report.

import { gridPath, send } from "./api.js";

export const COLUMNS = 8;
export const TILES = COLUMNS * COLUMNS;

/** Loads the picture of a report. The answers of a busy or lost studio are waited for. */
export async function loadGrid(id, step, signal, isReal = false) {
  const answer = await send("GET", gridPath(id, step, isReal), { signal });
  return createImageBitmap(await answer.blob());
}

/** Where a tile is in the picture of a report, whose tiles have the same border on all sides. */
export function tileOf(picture, side, index) {
  const border = (picture.width - COLUMNS * side) / (COLUMNS + 1);
  const place = (at) => border + at * (side + border);
  return { x: place(index % COLUMNS), y: place(Math.floor(index / COLUMNS)), side };
}

/** Draws one tile of a report on a canvas. */
export function drawTile(context, picture, imageSide, index, x, y, side) {
  const tile = tileOf(picture, imageSide, index);
  context.drawImage(picture, tile.x, tile.y, tile.side, tile.side, x, y, side, side);
}
