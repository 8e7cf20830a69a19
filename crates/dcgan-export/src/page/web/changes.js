// The sliders: truncation, and the strength of each direction.

import { element } from "./element.js";

/** How far a picture is moved at most, in standard deviations. */
const STRONGEST = 5;

export class Changes {
  /**
   * @param {HTMLElement} list
   * @param {{key: string, name: string}[]} directions
   * @param {(key: string, strength: number) => void} onMove
   */
  constructor(list, directions, onMove) {
    this.sliders = directions.map(({ key, name }) => {
      const slider = new Slider(list, name, { min: -STRONGEST, max: STRONGEST, step: 0.1 });
      slider.input.dataset.key = key;
      slider.input.addEventListener("input", () => onMove(key, Number(slider.input.value)));
      return { key, slider };
    });
  }

  render(moves) {
    for (const { key, slider } of this.sliders) {
      const strength = moves.get(key) ?? 0;
      slider.set(strength, signed(strength));
    }
  }
}

/** At its right end, the slider of truncation truncates nothing. */
export class Truncation {
  constructor(list, onChange) {
    this.slider = new Slider(list, "Truncation", { min: 0.3, max: 3.1, step: 0.1 });
    const { input } = this.slider;
    input.id = "truncation";
    input.title = "Less varied, often better: coordinates of the latent vectors beyond this are drawn again";
    input.addEventListener("input", () => onChange(Number(input.value) > 3 ? null : Number(input.value)));
  }

  render(truncation) {
    this.slider.set(truncation ?? 3.1, truncation === null ? "off" : truncation.toFixed(1));
  }
}

class Slider {
  constructor(list, name, range) {
    this.value = element("span", "value");
    this.input = Object.assign(document.createElement("input"), { type: "range", ...range });
    this.input.setAttribute("aria-label", name); // without the value, which has a text of its own
    const label = element("label", "slider", element("span", "name", name), this.value, this.input);
    list.append(label);
  }

  set(value, text) {
    this.input.value = value;
    this.input.setAttribute("aria-valuetext", text);
    this.value.textContent = text;
  }
}

/** A strength with its sign, as in −1, 0 and +1.5. */
function signed(strength) {
  if (strength === 0) return "0";
  return (strength < 0 ? "−" : "+") + Math.abs(strength);
}
