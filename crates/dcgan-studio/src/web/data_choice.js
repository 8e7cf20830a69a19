// The choice of data for a run, with what the program says about it.

import { button, element, inColumns, problemLine, section } from "./element.js";
import { runJob } from "./jobs.js";

export class DataChoice {
  constructor(choices, studio, onChange, signal) {
    this.signal = signal;
    this.onChange = onChange;
    this.current = null;
    // whoever names folders wants their pictures
    const preferred = (choices.find(({ path }) => path) ?? choices[0])?.id;
    const options = choices.map(({ id, name, path }) =>
      element("option", { value: id, title: path, selected: id === preferred }, path ? `${name} — ${path}` : name),
    );
    this.select = element("select", { id: "data", onchange: () => this.changed() }, options);
    this.said = element("div", { class: "said", role: "status" });
    this.picture = element("img", { alt: "", hidden: true });
    this.problem = problemLine();
    const more =
      studio.data_roots.length === 0
        ? "Only the drawn faces can be chosen: start the studio with --data FOLDER to train on your own pictures."
        : `From ${studio.data_roots.join(", ")}.`;
    this.section = section(
      "Data",
      [button("Check again", () => this.check())],
      element("div", { class: "field" }, element("label", { for: "data" }, "Pictures to train on"), this.select),
      element("p", { class: "note" }, more),
      element("div", { class: "preview" }, this.picture),
      this.said,
      this.problem.line,
    );
    signal.addEventListener("abort", () => this.current?.abort());
  }

  get value() {
    return this.select.value;
  }

  changed() {
    this.onChange();
    this.check();
  }

  /** Says what `data check` says of the chosen data, and shows some of it. */
  async check() {
    this.current?.abort();
    this.current = new AbortController();
    const { signal } = this.current;
    this.problem.clear();
    this.picture.hidden = true;
    const say = (...lines) => this.said.replaceChildren(...lines.map(inColumns));
    try {
      const { result } = await runJob("/api/data/check", { body: { data: this.value }, signal }, (line) => say(line));
      say(...result.lines);
      if (result.preview) {
        this.picture.src = result.preview;
        this.picture.alt = `Some pictures of ${this.select.selectedOptions[0].textContent}`;
        this.picture.hidden = false;
      }
    } catch (error) {
      if (signal.aborted) return;
      say();
      this.problem.show(error);
    }
  }
}
