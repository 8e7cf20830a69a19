// Sliders along directions of latent space.

import { getJson, runPath } from "./api.js";
import { button, element, problemLine } from "./element.js";
import { runJob } from "./jobs.js";
import { sentenceCase } from "./words.js";

/** Standard deviations to each side. */
const FARTHEST = 4;

const inWords = (strength) => (strength === 0 ? "0" : strength.toFixed(1).replace("-", "−"));

export class Sliders {
  /** @param {(moves: Map<string, number>) => void} onMove */
  constructor(id, onMove, signal) {
    Object.assign(this, { id, onMove, signal, moves: new Map() });
    this.controls = new Map();
    this.list = element("div", { class: "sliders", "aria-busy": "true" });
    this.problem = problemLine();
    this.more = element("div", { class: "more" });
    this.content = element("div", {}, this.list, this.more, this.problem.line);
    this.load();
  }

  async load() {
    try {
      const { directions, attributes } = await getJson(runPath(this.id, "directions"), this.signal);
      this.problem.clear();
      this.list.removeAttribute("aria-busy");
      // what has a name first
      const ordered = [...directions].sort((a, b) => (b.kind === "attribute") - (a.kind === "attribute"));
      this.controls.clear();
      this.list.replaceChildren(...ordered.map((direction) => this.slider(direction)));
      this.offer(attributes);
      this.set(this.moves);
    } catch (error) {
      this.list.removeAttribute("aria-busy");
      this.problem.show(error);
    }
  }

  /** Loads what could not be loaded as there was no checkpoint. */
  loadIfEmpty() {
    if (this.controls.size === 0 && !this.list.hasAttribute("aria-busy")) this.load();
  }

  slider({ id, name, note }) {
    const value = element("span", { class: "value" }, "0");
    const input = element("input", {
      type: "range",
      min: -FARTHEST,
      max: FARTHEST,
      step: 0.1,
      value: 0,
      class: "has-middle",
      "aria-label": sentenceCase(name),
    });
    input.addEventListener("input", () => {
      // near the middle is the middle
      const strength = Math.abs(input.value) < 0.15 ? 0 : Number(input.value);
      this.moves = new Map(this.moves).set(id, strength);
      value.textContent = inWords(strength);
      this.onMove(this.moves);
    });
    input.addEventListener("dblclick", () => {
      input.value = 0;
      input.dispatchEvent(new Event("input"));
    });
    this.controls.set(id, { input, value });
    const words = element(
      "span",
      { class: "name" },
      sentenceCase(name),
      note ? element("span", { class: "note" }, ` · ${note}`) : null,
    );
    return element("label", { class: "slider" }, words, value, input);
  }

  /** Sets the sliders without a word to the one who listens. */
  set(moves) {
    this.moves = new Map(moves);
    for (const [id, { input, value }] of this.controls) {
      const strength = this.moves.get(id) ?? 0;
      input.value = strength;
      value.textContent = inWords(strength);
    }
  }

  /** Offers to make directions of attributes that the data names. */
  offer(attributes) {
    if (attributes.length === 0) {
      this.more.replaceChildren();
      return;
    }
    const select = element(
      "select",
      { "aria-label": "Attribute" },
      attributes.map((name) => element("option", { value: name }, name)),
    );
    const line = element("p", { class: "note", role: "status" });
    const make = button("Make a slider", async () => {
      make.disabled = select.disabled = true;
      this.problem.clear();
      try {
        const request = { body: { attribute: select.value }, signal: this.signal };
        const { result } = await runJob(runPath(this.id, "directions"), request, (words) => (line.textContent = words));
        await this.load();
        this.more.append(element("p", { class: "note", role: "status" }, result.lines.join(" ")));
        this.controls.get(result.id)?.input.focus();
      } catch (error) {
        line.textContent = "";
        this.problem.show(error);
        make.disabled = select.disabled = false;
      }
    });
    this.more.replaceChildren(element("div", { class: "row" }, select, make), line);
  }
}
