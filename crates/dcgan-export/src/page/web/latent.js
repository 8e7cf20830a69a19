// The latent space: the vectors of recipes, and the way from one vector to another.

import { vectorOfSeed } from "./random.js";

export class LatentSpace {
  /**
   * @param {{distribution: "normal" | "uniform", length: number}} latent
   * @param {{key: string, vector: number[]}[]} directions
   */
  constructor(latent, directions) {
    this.latent = latent;
    this.directions = new Map(directions.map(({ key, vector }) => [key, Float32Array.from(vector)]));
  }

  /** Whether vectors can be truncated to a limit, or to none. */
  truncates(limit) {
    return limit === null || (this.latent.distribution === "normal" && limit >= 0.02 && limit <= 10);
  }

  /** The latent vector of a recipe, computed in the order and the precision of the program. */
  vectorOf({ terms, moves }) {
    const sum = new Float32Array(this.latent.length);
    for (const { sign, seed, truncation } of terms) {
      const vector = vectorOfSeed(this.latent, seed, truncation);
      for (let at = 0; at < sum.length; at++) sum[at] += sign * vector[at];
    }
    for (const [key, strength] of moves) {
      const direction = this.directions.get(key);
      const factor = Math.fround(strength);
      for (let at = 0; at < sum.length; at++) sum[at] += Math.fround(factor * direction[at]);
    }
    return sum;
  }

  /**
   * The vector at `part` of the way, 0 to 1, along a great circle: each is as likely as a random one.
   * Uniform vectors are mapped to normal ones and back.
   */
  between(from, to, part) {
    if (this.latent.distribution === "normal") return onCircle(from, to, part);
    const [start, end] = [from, to].map((vector) => vector.map((z) => quantile((z + 1) / 2)));
    return onCircle(start, end, part).map((z) => 2 * cumulative(z) - 1);
  }
}

function onCircle(from, to, part) {
  const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  let weights = [1 - part, part];
  // there is no great circle through parallel vectors
  if (Math.sin(angle) > 1e-6) weights = weights.map((weight) => Math.sin(weight * angle) / Math.sin(angle));
  return from.map((value, at) => weights[0] * value + weights[1] * to[at]);
}

/** The normal distribution function (Abramowitz and Stegun, 26.2.17; to 1e-7). */
function cumulative(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const polynomial = series.reduce((sum, factor) => sum * t + factor, 0) * t;
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x < 0 ? tail : 1 - tail;
}

/** Its inverse, by halving the interval. */
function quantile(part) {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < part) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
