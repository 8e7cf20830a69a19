// The latent vectors of seeds, the same as the program's: ChaCha8, keyed by the seed, and the ziggurat
// method of Doornik (2005) as the Rust crates rand_chacha and rand_distr compute them.

/** The purpose that the program draws the latent vectors of pictures for. */
const PICTURE = 5;

/** Random numbers for a seed below 2⁵³. */
class Random {
  constructor(seed) {
    this.key = new Uint32Array(8);
    this.key[0] = seed % 2 ** 32;
    this.key[1] = Math.floor(seed / 2 ** 32);
    this.key[2] = PICTURE;
    this.block = 0;
    this.words = new Uint32Array(16);
    this.used = 16;
  }

  /** A number of 32 bits. */
  word() {
    if (this.used === 16) {
      chacha8(this.key, this.block, this.words);
      this.block += 1;
      this.used = 0;
    }
    return this.words[this.used++];
  }

  /** A number of 64 bits, as its low and its high half. */
  words64() {
    const low = this.word();
    return [low, this.word()];
  }

  /** A number from 0 to 1 without 1, of 53 bits. */
  unit() {
    const [low, high] = this.words64();
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  }

  /** A number between 0 and 1 without both, of 52 bits. */
  openUnit() {
    const [low, high] = this.words64();
    return (high * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52;
  }
}

/** A block of ChaCha with eight rounds, of stream 0. */
function chacha8(key, block, words) {
  const start = new Uint32Array(16);
  start.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]); // "expand 32-byte k"
  start.set(key, 4);
  start[12] = block;
  words.set(start);
  for (let round = 0; round < 4; round++) {
    quarterRound(words, 0, 4, 8, 12);
    quarterRound(words, 1, 5, 9, 13);
    quarterRound(words, 2, 6, 10, 14);
    quarterRound(words, 3, 7, 11, 15);
    quarterRound(words, 0, 5, 10, 15);
    quarterRound(words, 1, 6, 11, 12);
    quarterRound(words, 2, 7, 8, 13);
    quarterRound(words, 3, 4, 9, 14);
  }
  for (let at = 0; at < 16; at++) words[at] += start[at];
}

function quarterRound(x, a, b, c, d) {
  x[a] += x[b];
  x[d] = rotated(x[d] ^ x[a], 16);
  x[c] += x[d];
  x[b] = rotated(x[b] ^ x[c], 12);
  x[a] += x[b];
  x[d] = rotated(x[d] ^ x[a], 8);
  x[c] += x[d];
  x[b] = rotated(x[b] ^ x[c], 7);
}

function rotated(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}

/** Where the tail of the ziggurat begins, and the area of each of its layers. */
const TAIL = 3.654152885361009;
const AREA = 0.00492867323399;
const LAYERS = 256;

const density = (x) => Math.exp(-0.5 * x * x);

/** The right ends of the layers, from the widest; the last is 0. */
const ENDS = (() => {
  const ends = [AREA / density(TAIL), TAIL];
  while (ends.length < LAYERS) {
    const last = ends[ends.length - 1];
    ends.push(Math.sqrt(-2 * Math.log(AREA / last + density(last))));
  }
  return [...ends, 0];
})();

/** A number from the normal distribution N(0, 1). */
function normal(random) {
  for (;;) {
    const [low, high] = random.words64();
    const layer = low & 0xff;
    const unit = (high * 2 ** 20 + (low >>> 12)) / 2 ** 51 - 1; // from −1 to 1
    const x = unit * ENDS[layer];
    if (Math.abs(x) < ENDS[layer + 1]) return x;
    if (layer === 0) return tail(random, unit < 0);
    const [lower, upper] = [density(ENDS[layer]), density(ENDS[layer + 1])];
    if (upper + (lower - upper) * random.unit() < density(x)) return x;
  }
}

function tail(random, isNegative) {
  for (;;) {
    const x = Math.log(random.openUnit()) / TAIL;
    const y = Math.log(random.openUnit());
    if (-2 * y >= x * x) return isNegative ? x - TAIL : TAIL - x;
  }
}

/** A number from −1 to 1 without 1. */
function uniform(random) {
  return ((random.word() >>> 9) / 2 ** 23) * 2 - 1;
}

/**
 * The latent vector of a seed. Normal coordinates beyond ±`truncation` are drawn again.
 *
 * @param {{distribution: "normal" | "uniform", length: number}} latent
 * @param {number} seed
 * @param {?number} truncation
 * @returns {Float32Array}
 */
export function vectorOfSeed(latent, seed, truncation) {
  const random = new Random(seed);
  const vector = new Float32Array(latent.length);
  const draw = latent.distribution === "normal" ? normal : uniform;
  for (let at = 0; at < vector.length;) {
    vector[at] = draw(random);
    if (truncation === null || Math.abs(vector[at]) <= truncation) at += 1;
  }
  return vector;
}
