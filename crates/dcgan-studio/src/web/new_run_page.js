// The form that starts a run.

import { getJson, postJson } from "./api.js";
import { DataChoice } from "./data_choice.js";
import { element, problemLine, section } from "./element.js";
import { Plan } from "./plan.js";
import { RunOptions } from "./run_options.js";
import { trainingAddress } from "./router.js";
import { runs } from "./runs.js";

export async function newRunPage(page, _, signal) {
  page.append(
    element("div", { class: "head" }, element("h1", {}, "New run")),
    element(
      "p",
      { class: "lead" },
      "What you leave empty, the program chooses for the pictures, and says why in the plan.",
    ),
  );
  const [studio, choices] = await Promise.all([getJson("/api/studio", signal), getJson("/api/data", signal)]);
  signal.throwIfAborted();

  const name = element("input", {
    type: "text",
    id: "run-name",
    placeholder: "named after the data",
    maxlength: 64,
    spellcheck: "false",
    autocomplete: "off",
  });
  const problem = problemLine();
  const start = element("button", { class: "main" }, "Start training");
  const request = () => ({ data: data.value, options: options.values() });
  const plan = new Plan(request, signal);
  const data = new DataChoice(choices, studio, () => plan.update(), signal);
  const options = new RunOptions(studio.presets, () => plan.update());

  const form = element(
    "form",
    { class: "new-run", novalidate: false },
    element("div", { class: "left" }, data.section, options.presets, options.section),
    element(
      "div",
      { class: "right" },
      section(
        "Plan",
        [],
        plan.lines,
        plan.waiting,
        element("div", { class: "field" }, element("label", { for: "run-name" }, "Name of the run"), name),
        start,
        problem.line,
      ),
    ),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.clear();
    start.disabled = true;
    try {
      const run = await postJson(
        "/api/runs",
        { ...request(), ...(name.value.trim() && { name: name.value.trim() }) },
        signal,
      );
      // an event may have told more of it already
      if (!runs.known.has(run.id)) runs.set(run);
      location.hash = trainingAddress(run.id);
    } catch (error) {
      problem.show(error);
      start.disabled = false;
    }
  });
  page.append(form);
  data.check();
  plan.update();
}
