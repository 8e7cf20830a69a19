// The generator: lays its weights and maps out in the memory of the WebAssembly module, and runs the layers.

/** Zeros around a map, so that no window leaves it. */
const BORDER = 1;

const BYTES_PER_FLOAT = 4;
const BYTES_PER_PAGE = 65536;

/**
 * A layer makes its maps `step` times larger: each phase gives every `step`-th pixel of every `step`-th row.
 *
 * @typedef {object} Layer
 * @property {number} side of its input
 * @property {[number, number]} channels of its input and its output, padded to a multiple of 8 if they are
 *   the output of a layer
 * @property {number} step
 * @property {boolean} relu
 * @property {Phase[]} phases
 *
 * @typedef {object} Phase
 * @property {[number, number]} at its first pixel: row and column
 * @property {[number, number]} window rows and columns of its windows
 * @property {[number, number]} offset from a pixel of the input to the first of its window
 */

/** Thrown if the weights are not as long as the layers say. */
export class DamagedWeights extends Error {}

export class Network {
  /**
   * @param {WebAssembly.Module} module
   * @param {{layers: Layer[], bits: number, channels: number}} model
   * @param {Uint8Array} bytes the weights of all phases, see `weights.rs`
   */
  static async create(module, model, bytes) {
    const { exports } = await WebAssembly.instantiate(module);
    return new Network(exports, model, bytes);
  }

  constructor({ memory, convolve }, model, bytes) {
    this.memory = memory;
    this.convolve = convolve;
    this.channels = model.channels;
    this.layers = model.layers;
    this.next = memory.buffer.byteLength;
    this.maps = [this.newMap(this.layers[0].side, this.layers[0].channels[0])];
    for (const layer of this.layers) this.maps.push(this.newMap(layer.side * layer.step, layer.channels[1]));
    this.weights = this.unpacked(bytes, model.bits);
  }

  /** Room for `count` floats that are 0. */
  newFloats(count) {
    const at = this.next;
    this.next += Math.ceil((count * BYTES_PER_FLOAT) / 64) * 64;
    const missing = this.next - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / BYTES_PER_PAGE));
    return at;
  }

  newMap(side, channels) {
    const pixel = channels * BYTES_PER_FLOAT;
    const row = (side + 2 * BORDER) * pixel;
    const start = this.newFloats((side + 2 * BORDER) ** 2 * channels);
    return { side, pixel, row, first: start + BORDER * (row + pixel) };
  }

  floats(at, count) {
    return new Float32Array(this.memory.buffer, at, count);
  }

  /** The weights of all phases as floats: where those of each phase are, and its bias. */
  unpacked(bytes, bits) {
    const Integers = bits === 16 ? Int16Array : Int8Array;
    let at = 0;
    const take = (Kind, count) => {
      if (at + count * Kind.BYTES_PER_ELEMENT > bytes.length) throw new DamagedWeights();
      const values = new Kind(bytes.buffer, bytes.byteOffset + at, count);
      at += values.byteLength;
      return values;
    };
    const all = this.layers.map(({ channels: [inputs, outputs], phases }) =>
      phases.map(({ window: [rows, columns] }) => {
        const scales = take(Float32Array, outputs);
        const biases = take(Float32Array, outputs);
        const length = rows * columns * inputs; // of a window
        const integers = take(Integers, length * outputs);
        const [weights, bias] = [this.newFloats(integers.length), this.newFloats(outputs)];
        this.floats(bias, outputs).set(biases);
        scaled(integers, scales, length, this.floats(weights, integers.length));
        return { weights, bias };
      }),
    );
    if (at !== bytes.length) throw new DamagedWeights();
    return all;
  }

  /**
   * Draws the picture of a latent vector.
   *
   * @param {Float32Array} vector
   * @returns {Uint8ClampedArray} [side, side, 4]: red, green, blue and 255
   */
  draw(vector) {
    this.floats(this.maps[0].first, vector.length).set(vector);
    for (let layer = 0; layer < this.layers.length; layer++) this.runLayer(layer);
    return this.pixels(this.maps[this.layers.length]);
  }

  runLayer(index) {
    const { channels, step, relu, phases } = this.layers[index];
    const [from, to] = [this.maps[index], this.maps[index + 1]];
    const beside = from.side > 1;
    phases.forEach(({ at, window, offset }, phase) => {
      const { weights, bias } = this.weights[index][phase];
      this.convolve(
        from.side,
        channels[1] / 8,
        from.first + offset[0] * from.row + offset[1] * from.pixel,
        from.row,
        beside ? from.pixel : 0,
        window[0],
        window[1] * from.pixel,
        weights,
        bias,
        relu ? 0 : -Infinity,
        to.first + at[0] * to.row + at[1] * to.pixel,
        step * to.row,
        beside ? step * to.pixel : 0,
      );
    });
  }

  /** The last map through tanh, as pixels. */
  pixels({ side, pixel, row, first }) {
    const pixels = new Uint8ClampedArray(side * side * 4);
    const perPixel = pixel / BYTES_PER_FLOAT;
    const toByte = (value) => Math.round((Math.tanh(value) + 1) * 127.5);
    for (let y = 0; y < side; y++) {
      const values = this.floats(first + y * row, side * perPixel);
      for (let x = 0; x < side; x++) {
        const colours = values.subarray(x * perPixel, x * perPixel + this.channels);
        const at = (y * side + x) * 4;
        for (let channel = 0; channel < 3; channel++) {
          pixels[at + channel] = toByte(colours[channel % this.channels]); // one channel is grey
        }
        pixels[at + 3] = 255;
      }
    }
    return pixels;
  }
}

/** Integers times the scale of their output channel, of which eight lie side by side. */
function scaled(integers, scales, length, floats) {
  for (let group = 0; group < scales.length; group += 8) {
    for (let at = group * length; at < (group + 8) * length; at++) {
      floats[at] = integers[at] * scales[group + (at & 7)];
    }
  }
}
