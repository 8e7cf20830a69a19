// A run in the list of runs.

import { element, problemLine, withCode } from "./element.js";
import { TILES, drawTile, loadGrid } from "./report_grid.js";
import { exploreAddress, trainingAddress, compareAddress } from "./router.js";
import { RunActions } from "./run_actions.js";
import { figures, makeUp, progressLine, stateBadge } from "./run_state.js";
import { bytes, dataName } from "./words.js";

const STRIP = { columns: 4, rows: 2 };

export class RunCard {
  constructor(run, signal) {
    this.signal = signal;
    this.shownGrid = null;
    const { id } = run;
    const side = 64;
    this.strip = element("canvas", {
      width: STRIP.columns * side,
      height: STRIP.rows * side,
      role: "img",
      "aria-label": `No picture of ${id} yet`,
    });
    this.none = element("span", { class: "none" });
    this.state = element("p", { class: "line" });
    this.progress = progressLine();
    this.words = element("p", { class: "note" });
    this.makeUp = element("p", { class: "note make-up" });
    this.problem = problemLine();
    this.actions = new RunActions(this.problem);
    const isReadable = run.state !== "unreadable";
    this.links = [
      element("a", { class: "button", href: exploreAddress(id), "aria-label": `Explore ${id}` }, "Explore"),
      element(
        "a",
        { class: "button", href: compareAddress(id), "aria-label": `Compare ${id} with another run` },
        "Compare",
      ),
    ];
    const title = isReadable ? element("a", { href: trainingAddress(id) }, id) : id;
    const picture = element("div", { class: "strip" }, this.strip, this.none);
    this.card = element(
      "article",
      { class: "run", "aria-label": id },
      isReadable ? element("a", { href: trainingAddress(id), tabindex: -1, "aria-hidden": "true" }, picture) : picture,
      element("h2", {}, title),
      this.state,
      this.progress.line,
      this.words,
      this.makeUp,
      element("div", { class: "row" }, isReadable ? this.links : null, this.actions.place),
      this.problem.line,
    );
    this.render(run);
  }

  render(run) {
    this.run = run;
    this.state.replaceChildren(stateBadge(run), ` ${figures(run)}`);
    this.progress.set(run);
    const said = run.reason ?? (run.ill.length > 0 ? `The doctor: ${run.ill.join(", ")}.` : "");
    this.words.replaceChildren(...withCode(said));
    this.words.classList.toggle("ill", said !== "" && run.state !== "starting");
    const isThere = run.state !== "starting" && run.state !== "failed";
    for (const link of this.links) link.hidden = !isThere;
    const size = isThere ? bytes(run.bytes) : "";
    this.makeUp.textContent = [makeUp(run, dataName(run.data ?? "")), size].filter(Boolean).join(" · ");
    this.makeUp.title = run.data ?? "";
    this.actions.render(run);
    this.showGrid(run);
  }

  /** The card comes into view: its pictures are worth loading. */
  show() {
    if (this.isInView) return;
    this.isInView = true;
    this.showGrid(this.run);
  }

  async showGrid(run) {
    if (run.newest_grid === null) {
      const words = { unreadable: "cannot be read", failed: "there is no run" };
      this.none.textContent = words[run.state] ?? "pictures come with the first report";
      return;
    }
    if (run.newest_grid === this.shownGrid || !this.isInView) return;
    this.shownGrid = run.newest_grid;
    try {
      const picture = await loadGrid(run.id, run.newest_grid, this.signal);
      this.draw(picture, run);
    } catch {
      this.none.textContent = "no picture";
    }
  }

  draw(picture, { id, newest_grid: step, image_size: side }) {
    this.none.textContent = "";
    const { width, height } = this.strip;
    const context = this.strip.getContext("2d");
    context.clearRect(0, 0, width, height);
    const to = width / STRIP.columns;
    for (let at = 0; at < STRIP.columns * STRIP.rows && at < TILES; at++) {
      const [x, y] = [(at % STRIP.columns) * to, Math.floor(at / STRIP.columns) * to];
      drawTile(context, picture, side, at, x, y, to);
    }
    this.strip.setAttribute("aria-label", `Pictures that the generator of ${id} drew at step ${step}`);
    this.strip.classList.add("is-drawn");
  }
}
