// Finds the latent vector whose picture is nearest to a picture that is uploaded.

import { runPath } from "./api.js";
import { button, element, problemLine, section } from "./element.js";
import { runJob } from "./jobs.js";
import { bytes } from "./words.js";

export class Projection {
  constructor(tools, id, uploadLimit, signal) {
    Object.assign(this, { tools, id, uploadLimit, signal, found: null });
    this.file = element("input", {
      type: "file",
      accept: "image/*",
      id: "upload",
      onchange: () => this.take(this.file.files[0]),
    });
    this.given = element("img", { class: "picture", alt: "", hidden: true });
    this.canvas = tools.painter.newCanvas();
    this.look = element(
      "button",
      {
        type: "button",
        class: "face",
        disabled: true,
        "aria-label": "The found picture: look closer",
        onclick: () => tools.choose(this.found),
      },
      this.canvas,
    );
    this.keep = button("Keep", () => tools.keep(this.found), { disabled: true });
    this.stop = button("Stop", () => this.current?.abort(), { hidden: true });
    this.line = element(
      "p",
      { class: "note", role: "status" },
      "The latent vector is searched whose picture is nearest to yours.",
    );
    this.problem = problemLine();
    const drop = element(
      "div",
      { class: "pair" },
      element("div", { class: "upload" }, this.given, element("span", { class: "none" }, "drop a picture here")),
      element("span", { class: "operator", "aria-hidden": "true" }, "≈"),
      this.look,
    );
    this.section = section(
      "Find a picture",
      [this.stop, this.keep],
      drop,
      element(
        "p",
        { class: "file" },
        this.file,
        element("label", { for: "upload", class: "button" }, "Choose a picture"),
      ),
      this.line,
      this.problem.line,
    );
    drop.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
    drop.addEventListener("drop", (event) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      this.take(event.dataTransfer.files[0]);
    });
    signal.addEventListener("abort", () => this.current?.abort());
  }

  async take(file) {
    if (!file) return;
    this.current?.abort();
    this.problem.clear();
    if (file.size > this.uploadLimit) {
      this.problem.show(`${file.name} has ${bytes(file.size)}; the studio takes at most ${bytes(this.uploadLimit)}.`);
      return;
    }
    this.preview(file);
    this.current = new AbortController();
    const { signal } = this.current;
    this.found = null;
    this.keep.disabled = this.look.disabled = true;
    this.stop.hidden = false;
    this.tools.painter.clear(this.canvas);
    try {
      const request = { body: file, type: file.type || "image/*", signal };
      const { result } = await runJob(runPath(this.id, "project"), request, (words) => (this.line.textContent = words));
      this.line.textContent = result.lines.join(" ");
      this.found = { latent: result.latent, name: `found for ${file.name}` };
      this.tools.painter.show(this.canvas, this.found, true);
      this.keep.disabled = this.look.disabled = false;
    } catch (error) {
      this.line.textContent = signal.aborted ? "Stopped." : "";
      if (!signal.aborted) this.problem.show(error);
    }
    if (this.current.signal === signal) this.stop.hidden = true;
  }

  preview(file) {
    if (this.given.src) URL.revokeObjectURL(this.given.src);
    this.given.src = URL.createObjectURL(file);
    this.given.alt = `Your picture ${file.name}`;
    this.given.hidden = false;
  }
}
