// The options of a run. An empty field is the program's choice.

import { element, section } from "./element.js";

const CHOSEN = "program's choice";

const NUMBERS = [
  { key: "steps", label: "Steps", flag: "--steps", min: 1, step: 1 },
  { key: "image_size", label: "Image size", flag: "--image-size", choices: [16, 32, 64, 128, 256] },
  { key: "batch_size", label: "Batch size", flag: "--batch-size", min: 1, step: 1 },
  { key: "learning_rate", label: "Learning rate", flag: "--learning-rate", min: 0, step: "any" },
  { key: "augment", label: "Augmentation", flag: "--augment", choices: ["auto", "none", "light", "full"] },
  { key: "flip", label: "Mirror pictures", flag: "--flip", choices: [true, false] },
  { key: "seed", label: "Seed", flag: "--seed", min: 0, step: 1 },
];

const NETWORKS = [
  { key: "ngf", label: "Generator width", flag: "--ngf", min: 1, step: 1 },
  { key: "ndf", label: "Discriminator width", flag: "--ndf", min: 1, step: 1 },
  { key: "loss", label: "Loss", flag: "--loss", choices: ["bce", "hinge", "relativistic"] },
  { key: "gradient_penalty", label: "Gradient penalty", flag: "--gradient-penalty", min: 0, step: "any" },
  { key: "d_norm", label: "Normalisation in D", flag: "--d-norm", choices: ["batch", "none"] },
  { key: "spectral_norm", label: "Spectral norm", flag: "--spectral-norm", choices: [true, false] },
  { key: "upsample", label: "Upsampling in G", flag: "--upsample", choices: ["transposed", "nearest", "bilinear"] },
  { key: "ema", label: "Average of weights", flag: "--ema", choices: [true, false] },
];

const inWords = (value) => (value === true ? "yes" : value === false ? "no" : String(value));

function whatIsWrong({ validity, min, step }) {
  if (validity.rangeUnderflow) return `give ${min} or more.`;
  return step === "1" ? "give a whole number." : "give a number.";
}

export class RunOptions {
  constructor(presets, onChange) {
    this.fields = new Map();
    this.preset = presets.find(({ is_default }) => is_default)?.name ?? presets[0].name;
    const choose = ({ target }) => {
      this.preset = target.value;
      onChange();
    };
    const choices = presets.map(({ name, about }) =>
      element(
        "label",
        { class: "choice" },
        element("input", {
          type: "radio",
          name: "preset",
          value: name,
          checked: name === this.preset,
          onchange: choose,
        }),
        element("span", {}, element("strong", {}, name), element("span", { class: "note" }, about)),
      ),
    );
    this.presets = section(
      "Preset",
      [],
      element("div", { class: "choices", role: "radiogroup", "aria-label": "Preset" }, choices),
    );
    const fieldsOf = (list) =>
      element(
        "div",
        { class: "fields" },
        list.map((option) => this.field(option, onChange)),
      );
    this.section = section(
      "Options",
      [],
      fieldsOf(NUMBERS),
      element("details", {}, element("summary", {}, "Networks and loss"), fieldsOf(NETWORKS)),
    );
  }

  field({ key, label, flag, choices, min, step }, onChange) {
    const id = `option-${key}`;
    const control = choices
      ? element(
          "select",
          { id, onchange: onChange },
          element("option", { value: "" }, CHOSEN),
          choices.map((choice, at) => element("option", { value: at }, inWords(choice))),
        )
      : element("input", {
          id,
          type: "number",
          min,
          step,
          placeholder: CHOSEN,
          inputmode: "decimal",
          oninput: onChange,
        });
    this.fields.set(key, () => {
      if (!control.checkValidity()) throw new Error(`${label}: ${whatIsWrong(control)}`);
      if (control.value === "") return undefined;
      return choices ? choices[control.value] : Number(control.value);
    });
    return element("div", { class: "field" }, element("label", { for: id, title: flag }, label), control);
  }

  /**
   * The options that were given.
   *
   * @throws if one is not a number of its kind
   */
  values() {
    const values = { preset: this.preset };
    for (const [key, read] of this.fields) {
      const value = read();
      if (value !== undefined) values[key] = value;
    }
    return values;
  }
}
