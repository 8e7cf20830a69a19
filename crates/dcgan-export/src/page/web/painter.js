// Draws pictures in the worker, one after the other, the urgent ones first.

/** Why there are no pictures: a sentence for people. */
const PROBLEMS = {
  simd:
    "This browser does not run WebAssembly with SIMD, which draws the pictures. Browsers from 2023 on do: " +
    "Chrome and Edge 91, Firefox 113, Safari 16.4.",
  damaged:
    "This page is damaged or was not copied completely: the weights of its network are not whole. Copy it again.",
  memory: "This device has too little free memory for the network in this page. Close other pages, and load it again.",
  worker:
    "This browser does not start the worker that draws the pictures, perhaps because the page was opened from a " +
    "disk. Open it in another browser, or from a web server.",
};

/** Pictures whose times are measured. */
const MEASURED = 15;

export class Painter {
  /**
   * @param {string} source of the worker
   * @param {object} start the worker's first message
   * @param {object} listener
   * @param {() => void} listener.onReady
   * @param {(problem: string) => void} listener.onProblem gets a sentence for people
   * @param {(milliseconds: number) => void} listener.onSpeed gets how long a picture takes
   */
  constructor(source, start, listener) {
    this.waiting = new Map();
    this.current = null;
    this.isReady = false;
    this.listener = listener;
    /** How long each of the first pictures took, in milliseconds. */
    this.times = [];
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    try {
      this.worker = new Worker(url);
    } catch {
      this.fail("worker");
      return;
    }
    this.worker.onmessage = ({ data }) => this.receive(data);
    this.worker.onerror = (event) => this.fail(event.message ?? "worker");
    this.worker.postMessage(start);
  }

  /**
   * Draws a picture. A later one for the same place takes the turn of one that still waits.
   *
   * @param {object} place where it will be shown
   * @param {Float32Array} vector
   * @param {boolean} isUrgent
   * @returns {Promise<?ImageData>} null if a later one took its turn
   */
  draw(place, vector, isUrgent = false) {
    this.waiting.get(place)?.resolve(null);
    const drawn = new Promise((resolve) => this.waiting.set(place, { vector, isUrgent, resolve }));
    this.next();
    return drawn;
  }

  /** Forgets the picture that waits for this place. */
  cancel(place) {
    this.waiting.get(place)?.resolve(null);
    this.waiting.delete(place);
  }

  next() {
    if (!this.isReady || this.current || this.waiting.size === 0) return;
    const entries = [...this.waiting];
    const [place, job] = entries.find(([, { isUrgent }]) => isUrgent) ?? entries[0];
    this.waiting.delete(place);
    this.current = job;
    this.worker.postMessage({ vector: job.vector });
  }

  receive({ ready, problem, pixels, milliseconds }) {
    if (problem) {
      this.fail(problem);
      return;
    }
    if (ready) {
      this.isReady = true;
      this.listener.onReady();
    }
    if (pixels) {
      this.measure(milliseconds);
      const side = Math.sqrt(pixels.length / 4);
      this.current.resolve(new ImageData(pixels, side, side));
      this.current = null;
    }
    this.next();
  }

  /** Once enough pictures are drawn, says how long one takes: the median, as the first ones take longer. */
  measure(milliseconds) {
    if (this.times.push(milliseconds) !== MEASURED) return;
    const sorted = [...this.times].sort((a, b) => a - b);
    this.listener.onSpeed(sorted[MEASURED >> 1]);
  }

  fail(problem) {
    this.isReady = false;
    this.listener.onProblem(PROBLEMS[problem] ?? `The pictures cannot be drawn: ${problem}`);
  }
}
