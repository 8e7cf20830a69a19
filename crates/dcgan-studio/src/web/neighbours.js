// The training pictures that are nearest to a picture: is it a copy?

import { runPath } from "./api.js";
import { button, element, problemLine } from "./element.js";
import { jobPath, runJob } from "./jobs.js";
import { keyOf } from "./latent.js";
import { measure } from "./words.js";

const EACH = 3;

export class Neighbours {
  constructor(id, side, signal) {
    Object.assign(this, { id, side, signal, item: null, current: null });
    this.find = button("Find", () => this.ask());
    this.line = element("p", { class: "note", role: "status" }, "Compares it with all training pictures.");
    this.sheet = element("div", { class: "neighbours" });
    this.problem = problemLine();
    this.content = element("div", {}, this.line, this.sheet, this.problem.line);
    signal.addEventListener("abort", () => this.current?.abort());
  }

  /** Another picture: what was found was of the last one. */
  show(item) {
    if (this.item && keyOf(item) === keyOf(this.item)) return;
    this.item = item;
    this.current?.abort();
    this.current = null;
    this.find.disabled = false;
    this.sheet.replaceChildren();
    this.problem.clear();
    this.line.textContent = "Compares it with all training pictures.";
  }

  async ask() {
    this.current?.abort();
    this.current = new AbortController();
    const { signal } = this.current;
    this.problem.clear();
    this.find.disabled = true;
    try {
      const request = { body: { latents: [this.item.latent], ...this.weights?.() }, signal };
      const { id, result } = await runJob(
        runPath(this.id, "neighbours"),
        request,
        (words) => (this.line.textContent = words),
      );
      const answer = await fetch(jobPath(id, "picture"), { signal });
      const sheet = await createImageBitmap(await answer.blob());
      this.line.textContent = result.lines.join(" ");
      const [row] = result.rows;
      this.sheet.replaceChildren(
        this.row("By pixels", row.pixels, sheet, 0),
        this.row("By features of D", row.features, sheet, EACH),
      );
    } catch (error) {
      if (signal.aborted) return;
      this.line.textContent = "";
      this.problem.show(error);
    }
    this.find.disabled = false;
  }

  row(title, found, sheet, from) {
    const side = sheet.height;
    const pictures = found.map(({ name, distance }, at) => {
      const canvas = element("canvas", {
        width: side,
        height: side,
        class: "picture",
        role: "img",
        "aria-label": `Training picture ${name}`,
      });
      canvas.getContext("2d").drawImage(sheet, (from + at) * side, 0, side, side, 0, 0, side, side);
      return element(
        "figure",
        { title: name },
        canvas,
        element(
          "figcaption",
          {},
          element("span", { class: "caption" }, name),
          element("span", { class: "caption" }, `distance ${measure(distance)}`),
        ),
      );
    });
    return element("div", {}, element("h3", { class: "small" }, title), element("div", { class: "trio" }, pictures));
  }
}
