// Stops and resumes a run.

import { postJson, runPath } from "./api.js";
import { button, element } from "./element.js";
import { isActive } from "./run_state.js";
import { runs } from "./runs.js";
import { say } from "./say.js";
import { count } from "./words.js";

/** What can be done with a run in its state. */
function wantedFor(run) {
  if (isActive(run)) return "stop";
  if (run.can_resume) return "resume";
  return { complete: "longer", failed: "dismiss" }[run.state] ?? "";
}

export class RunActions {
  /** @param {{show: Function, clear: Function}} problem where errors are said */
  constructor(problem) {
    this.problem = problem;
    this.place = element("span", { class: "actions" });
  }

  render(run) {
    this.run = run;
    const wanted = wantedFor(run);
    if (this.place.dataset.shown === wanted) return;
    this.place.dataset.shown = wanted;
    const hadFocus = this.place.contains(document.activeElement);
    this.place.replaceChildren(...this.controls(wanted));
    if (hadFocus) this.place.querySelector("button")?.focus();
  }

  controls(wanted) {
    const { id } = this.run;
    if (wanted === "stop") {
      const title = "Finishes the current step and saves";
      return [button("Stop", () => this.act("stop", {}, `Stopping ${id} after this step.`), { title })];
    }
    if (wanted === "dismiss") return [button("Dismiss", () => this.dismiss())];
    if (wanted === "resume") return [button("Resume", () => this.act("resume", {}, `Resuming ${id}.`))];
    if (wanted === "longer") return [button("Train longer", () => this.askForSteps())];
    return [];
  }

  /** Forgets a training that could not start; the studio then tells that it is gone. */
  async dismiss() {
    this.problem.clear();
    try {
      await postJson(runPath(this.run.id, "forget"), {});
    } catch (error) {
      this.problem.show(error);
    }
  }

  askForSteps() {
    const { step, id } = this.run;
    const least = step + 1;
    const field = element("input", { type: "number", min: least, step: 1, value: step * 2, required: true });
    const cancel = () => {
      this.place.dataset.shown = "";
      this.render(this.run);
      this.place.querySelector("button")?.focus();
    };
    const submit = (event) => {
      event.preventDefault();
      this.act("resume", { steps: Number(field.value) }, `Training ${id} to step ${count(Number(field.value))}.`);
    };
    const form = element(
      "form",
      { class: "row", onsubmit: submit },
      element("label", {}, "to step ", field),
      element("button", { class: "main" }, "Train"),
      button("Cancel", cancel),
    );
    this.place.replaceChildren(form);
    field.select();
  }

  async act(action, body, sentence) {
    this.problem.clear();
    for (const control of this.place.querySelectorAll("button, input")) control.disabled = true;
    try {
      runs.set(await postJson(runPath(this.run.id, action), body));
      say(sentence);
    } catch (error) {
      this.problem.show(error);
    }
    this.place.dataset.shown = "none";
    this.render(runs.known.get(this.run.id) ?? this.run);
  }
}
