// The steps of a training as one axis that plots, findings and the film share.

/** Space for the numbers on the left of plots, in CSS pixels; also of the lanes above them. */
export const LEFT = 46;
export const RIGHT = 10;

/** Events: "view" when other steps are shown, "pointer" when another step is pointed at, "film" for the film's. */
export class TimeAxis extends EventTarget {
  last = 1;
  zoomed = null;
  pointer = null;
  film = null;

  get from() {
    return this.zoomed?.from ?? 0;
  }

  get to() {
    return this.zoomed?.to ?? this.last;
  }

  on(type, listener, signal) {
    this.addEventListener(type, listener, { signal });
  }

  setLast(step) {
    if (step === this.last || step < 1) return;
    this.last = step;
    this.dispatchEvent(new Event("view"));
  }

  /** Shows the steps between two, or all. */
  zoom(from, to) {
    const [low, high] = [Math.max(0, Math.min(from, to)), Math.min(this.last, Math.max(from, to))];
    const isAll = low <= 0 && high >= this.last;
    if (high - low < 4) return;
    this.zoomed = isAll ? null : { from: low, to: high };
    this.dispatchEvent(new Event("view"));
  }

  showAll() {
    this.zoomed = null;
    this.dispatchEvent(new Event("view"));
  }

  /** Zooms by a factor around a step that keeps its place. */
  zoomAround(step, factor) {
    this.zoom(step - (step - this.from) * factor, step + (this.to - step) * factor);
  }

  point(step) {
    if (step === this.pointer) return;
    this.pointer = step;
    this.dispatchEvent(new Event("pointer"));
  }

  setFilm(step) {
    if (step === this.film) return;
    this.film = step;
    this.dispatchEvent(new Event("film"));
  }

  /** The place of a step on something as wide as a plot. */
  placeOf(step, width) {
    return LEFT + ((step - this.from) / (this.to - this.from)) * (width - LEFT - RIGHT);
  }

  stepAt(place, width) {
    const part = (place - LEFT) / (width - LEFT - RIGHT);
    return this.from + Math.min(1, Math.max(0, part)) * (this.to - this.from);
  }
}

/** Round numbers between two, about `wanted` of them, `least` apart or more. */
export function ticks(low, high, wanted, least = 0) {
  const rough = Math.max(least, (high - low) / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const found = [];
  for (let at = Math.ceil(low / stride - 1e-9); at * stride <= high + stride * 1e-9; at++)
    found.push(at === 0 ? 0 : at * stride);
  return found;
}
