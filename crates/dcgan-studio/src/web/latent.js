// Latent vectors as the studio reads them, and what they are called. An item is a latent vector with a name.

/** Seeds of new pictures stay short enough to say. */
const LARGEST_NEW_SEED = 1_000_000;

export const LARGEST_SEED = 2 ** 53;

export const newSeed = () => Math.floor(Math.random() * LARGEST_NEW_SEED);

/** Without a limit, `truncation` is null. */
export function itemOfSeed(seed, truncation = null) {
  const latent = truncation === null ? { seed } : { seed, truncation };
  return { latent, name: truncation === null ? `seed ${seed}` : `seed ${seed}, truncated` };
}

/** Two items are the same picture if their latent vectors are written the same. */
export const keyOf = ({ latent }) => JSON.stringify(latent);

/** The strengths of an item by direction. */
export const movesOf = ({ latent }) =>
  new Map((latent.move ?? []).map(({ direction, strength }) => [direction, strength]));

/** An item moved along directions, instead of as it was. */
export function withMoves(item, moves) {
  const latent = { ...item.latent };
  delete latent.move;
  const name = item.name.replace(/, changed$/, "");
  const list = [...moves]
    .filter(([, strength]) => strength !== 0)
    .map(([direction, strength]) => ({ direction, strength }));
  return list.length === 0 ? { latent, name } : { latent: { ...latent, move: list }, name: `${name}, changed` };
}

/** The sum of groups: each is a weight and the items whose mean it is. Empty groups are left out. */
export function sumOf(groups, name) {
  const sum = groups
    .filter(({ items }) => items.length > 0)
    .map(({ weight, items }) => ({ weight, mean: items.map(({ latent }) => latent) }));
  return { latent: { sum }, name };
}

/** The mean of some items. */
export const meanOf = (items) => sumOf([{ weight: 1, items }], "mean");

/** The item between two others: `at` is 0 at the first and 1 at the second. */
export const between = (from, to, at) => ({
  latent: { between: { from: from.latent, to: to.latent, at } },
  name: `${from.name} to ${to.name}`,
});

/** A name for a file of an item of a run. */
export const fileName = (run, { name }) =>
  `${run.replaceAll("/", "-")}-${
    name
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60) || "0"
  }`;
