// Recipes: what the latent vector of a picture is made of. As text, for links: `7`, `7-12+31`, `7_t0.7`
// (truncated), `7_p1:2.5_n2:-1` (moved along directions).

/** The largest seed that a page draws. Numbers are exact a little beyond it. */
export const LARGEST_SEED = 2 ** 52;

export class Recipe {
  /**
   * @param {{sign: 1 | -1, seed: number, truncation: ?number}[]} terms
   * @param {Map<string, number>} moves the strength of each direction, in standard deviations
   */
  constructor(terms, moves) {
    this.terms = terms;
    const moved = [...moves].filter(([, strength]) => strength !== 0);
    this.moves = new Map(moved.sort(([a], [b]) => (a < b ? -1 : 1))); // one text for one picture
  }

  static ofSeed(seed, truncation, moves) {
    return new Recipe([{ sign: 1, seed, truncation }], moves);
  }

  plus(other, sign = 1) {
    const terms = other.terms.map((term) => ({ ...term, sign: sign * term.sign }));
    const moves = new Map(this.moves);
    for (const [key, strength] of other.moves) moves.set(key, rounded((moves.get(key) ?? 0) + sign * strength));
    return new Recipe([...this.terms, ...terms], moves);
  }

  minus(other) {
    return this.plus(other, -1);
  }

  /** For links and file names. */
  toString() {
    const terms = this.terms.map(({ sign, seed, truncation }, at) => {
      const operator = sign < 0 ? "-" : at > 0 ? "+" : "";
      return operator + seed + (truncation === null ? "" : `_t${truncation}`);
    });
    const moves = [...this.moves].map(([key, strength]) => `_${key}:${strength}`);
    return [...terms, ...moves].join("");
  }

  /**
   * @param {string} text
   * @param {import("./latent.js").LatentSpace} space
   * @returns {?Recipe} null if the text is none, or names what the space does not have
   */
  static parse(text, space) {
    const parts = /^((?:[+-]?\d+(?:_t[\d.]+)?)+)((?:_[a-z]\d+:-?[\d.]+)*)$/.exec(text);
    if (!parts) return null;
    const terms = [...parts[1].matchAll(/([+-]?)(\d+)(?:_t([\d.]+))?/g)].map(([, operator, seed, limit]) => ({
      sign: operator === "-" ? -1 : 1,
      seed: Number(seed),
      truncation: limit === undefined ? null : Number(limit),
    }));
    const moves = [...parts[2].matchAll(/_([a-z]\d+):(-?[\d.]+)/g)].map(([, key, strength]) => [key, Number(strength)]);
    const isValid =
      terms.every(({ seed, truncation }) => seed <= LARGEST_SEED && space.truncates(truncation)) &&
      moves.every(([key, strength]) => space.directions.has(key) && Math.abs(strength) <= 100);
    return isValid ? new Recipe(terms, moves) : null;
  }

  /** For people. */
  get name() {
    const terms = this.terms.map(({ sign, seed }, at) => {
      if (at === 0) return (sign < 0 ? "−" : "") + seed;
      return (sign < 0 ? " − " : " + ") + seed;
    });
    return terms.join("") + (this.moves.size > 0 ? ", changed" : "");
  }

  /** The seeds, for the text of a PNG. */
  get seeds() {
    return this.terms.map(({ seed }) => seed).join(",");
  }
}

function rounded(strength) {
  return Math.round(strength * 100) / 100;
}
