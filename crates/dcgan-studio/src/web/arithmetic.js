// A − B + C: sums of pictures. Several in a group are averaged, as in the paper.

import { runPath } from "./api.js";
import { acceptsPictures } from "./drag.js";
import { button, element, problemLine, section, withCode } from "./element.js";
import { runJob } from "./jobs.js";
import { itemOfSeed, keyOf, meanOf, sumOf } from "./latent.js";
import { pictureCell } from "./picture_cell.js";

const NAMES = ["A", "B", "C"];
const WEIGHTS = [1, -1, 1];
const MOST_IN_GROUP = 12;

export class Arithmetic {
  constructor(tools, id, signal) {
    Object.assign(this, { tools, id, signal, result: null });
    this.groups = NAMES.map((name, at) => this.newGroup(name, WEIGHTS[at]));
    this.screen = tools.painter.newCanvas();
    this.outcome = element(
      "button",
      {
        type: "button",
        class: "face mean",
        "aria-label": "The result: look closer",
        onclick: () => this.result && tools.choose(this.result),
      },
      this.screen,
    );
    const act = (label, action) => button(label, () => this.result && action(this.result));
    this.actions = [act("Keep", tools.keep), act("Save PNG", tools.save)];
    this.outcomePlace = element(
      "div",
      { class: "operand result" },
      this.outcome,
      element("span", { class: "caption" }, "result"),
    );
    this.sum = element("div", { class: "sum" });
    this.problem = problemLine();
    this.section = section(
      "A − B + C",
      [...this.actions, button("Clear", () => this.clear())],
      this.sum,
      this.wordsForm(),
      this.problem.line,
    );
    this.render();
  }

  newGroup(name, weight) {
    const group = { name, weight, words: "", items: [] };
    group.mean = this.tools.painter.newCanvas();
    group.members = element("div", { class: "members" });
    const add = (item) => this.add(this.groups.indexOf(group), item);
    const addChosen = button("Add the chosen", () => add(this.tools.chosen()), {
      class: "small",
      "aria-label": `Add the chosen picture to ${name}`,
    });
    const mean = element(
      "div",
      { class: "mean" },
      group.mean,
      element(
        "span",
        { class: "none", "aria-hidden": "true" },
        element("span", { class: "letter" }, name),
        element("span", { class: "drop" }, "drop pictures"),
      ),
    );
    group.label = element("span", { class: "caption" }, name);
    group.place = element(
      "div",
      { class: "operand", role: "group", "aria-label": name },
      mean,
      group.label,
      group.members,
      addChosen,
    );
    acceptsPictures(group.place, add);
    return group;
  }

  /** Puts the groups in a row: A − B + C = result. */
  arrange() {
    const parts = this.groups.flatMap(({ weight, place }, at) => {
      if (at === 0 && weight === 1) return [place];
      const size = Math.abs(weight) === 1 ? "" : ` ${Math.abs(weight)} ×`;
      return [element("span", { class: "operator" }, (weight < 0 ? "−" : "+") + size), place];
    });
    this.sum.replaceChildren(...parts, element("span", { class: "operator" }, "="), this.outcomePlace);
  }

  add(at, item) {
    const group = this.groups[at];
    if (!item || group.items.some((other) => keyOf(other) === keyOf(item)) || group.items.length === MOST_IN_GROUP)
      return;
    group.items.push(item);
    group.words = "";
    this.render();
  }

  clear() {
    this.groups = NAMES.map((name, at) => this.newGroup(name, WEIGHTS[at]));
    this.render();
  }

  render() {
    if (this.shown !== this.groups) this.arrange();
    this.shown = this.groups;
    for (const group of this.groups) this.renderGroup(group);
    const isPossible = this.groups.some(({ items }) => items.length > 0);
    for (const control of this.actions) control.disabled = !isPossible;
    this.outcome.disabled = !isPossible;
    if (!isPossible) {
      this.result = null;
      this.tools.painter.clear(this.screen);
      return;
    }
    this.result = sumOf(this.groups, this.words());
    this.tools.painter.show(this.screen, this.result, true);
  }

  /** "seed 3 − mean of 2 + woman" */
  words() {
    const filled = this.groups.filter(({ items }) => items.length > 0);
    const parts = filled.map((group, at) => (group.weight < 0 ? "− " : at > 0 ? "+ " : "") + wordsOf(group));
    return parts.join(" ");
  }

  renderGroup(group) {
    group.place.classList.toggle("is-empty", group.items.length === 0);
    group.label.textContent = group.items.length === 0 ? group.name : `${group.name}: ${wordsOf(group)}`;
    if (group.items.length === 0) this.tools.painter.clear(group.mean);
    else this.tools.painter.show(group.mean, group.items.length === 1 ? group.items[0] : meanOf(group.items), true);
    const keys = group.items.map(keyOf).join();
    if (group.shown === keys) return;
    group.shown = keys;
    group.members.replaceChildren(
      ...group.items.map((item) => {
        const cell = pictureCell({ ...this.tools, choose: () => this.take(group, item) }, item);
        cell.title = `${item.name}: click to take it out`;
        cell.setAttribute("aria-label", `Take ${item.name} out of ${group.name}`);
        return cell;
      }),
    );
  }

  take(group, item) {
    group.items = group.items.filter((other) => other !== item);
    group.words = "";
    this.render();
    (group.members.querySelector("button") ?? group.place.querySelector("button.small")).focus();
  }

  /** The sum in words, which the studio finds pictures for. */
  wordsForm() {
    const field = element("input", {
      type: "text",
      id: "sum-words",
      placeholder: "smiling woman - neutral woman + neutral man",
      required: true,
      maxlength: 200,
    });
    const go = element("button", {}, "Compute");
    const line = element("p", { class: "note", role: "status" }, "With the attributes that the data names.");
    const form = element(
      "form",
      { class: "words-form" },
      element("label", { for: "sum-words" }, "Or in words"),
      element("div", { class: "row" }, field, go),
      line,
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.problem.clear();
      go.disabled = true;
      try {
        const request = { body: { words: field.value, ...this.tools.weights() }, signal: this.signal };
        const { result } = await runJob(runPath(this.id, "arithmetic"), request, (words) => (line.textContent = words));
        line.replaceChildren(...withCode([...result.lines, ...result.notes].join(" ")));
        this.showTerms(result.terms);
      } catch (error) {
        line.textContent = "";
        this.problem.show(error);
      }
      go.disabled = false;
    });
    return form;
  }

  showTerms(terms) {
    this.groups = terms.map(({ weight, words, seeds }, at) => {
      const group = this.newGroup(NAMES[at] ?? String.fromCharCode(65 + at), weight);
      return Object.assign(group, { words, items: seeds.map((seed) => itemOfSeed(seed)) });
    });
    this.render();
  }
}

function wordsOf({ words, items }) {
  if (words) return words;
  return items.length === 1 ? items[0].name : `mean of ${items.length}`;
}
