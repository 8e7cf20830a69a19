// The head of the pages of a run: its name, state, pages and actions.

import { button, element, problemLine, withCode } from "./element.js";
import { compareAddress, exploreAddress, trainingAddress } from "./router.js";
import { RunActions } from "./run_actions.js";
import { figures, makeUp, progressLine, stateBadge } from "./run_state.js";
import { runs } from "./runs.js";
import { dataName } from "./words.js";

export class RunHeader {
  constructor(id, page, signal) {
    this.problem = problemLine();
    this.actions = new RunActions(this.problem);
    this.line = element("p", { class: "line" }, "\u00a0");
    this.makeUp = element("p", { class: "note" }, "\u00a0");
    this.progress = progressLine();
    this.words = element("p", { class: "ill", hidden: true });
    const link = (name, address) =>
      element("a", { href: address, "aria-current": name === page ? "page" : null }, name);
    const pages = element(
      "nav",
      { class: "pages", "aria-label": `Pages of ${id}` },
      link("Training", trainingAddress(id)),
      link("Explore", exploreAddress(id)),
      element("a", { href: compareAddress(id) }, "Compare"),
    );
    this.head = element(
      "header",
      { class: "run-head" },
      element("div", { class: "head" }, element("h1", {}, id), pages),
      element("div", { class: "run-line" }, element("div", {}, this.line, this.makeUp), this.actions.place),
      this.progress.line,
      this.words,
      this.problem.line,
    );
    runs.on("run", (run) => run.id === id && this.render(run), signal);
    runs.on("list", () => runs.known.has(id) && this.render(runs.known.get(id)), signal);
    if (runs.known.has(id)) this.render(runs.known.get(id));
  }

  render(run) {
    this.line.replaceChildren(stateBadge(run), ` ${figures(run)}`);
    this.makeUp.textContent = makeUp(run, dataName(run.data ?? ""));
    this.makeUp.title = run.data ?? "";
    this.progress.set(run);
    this.words.replaceChildren(...withCode(run.reason ?? ""));
    this.words.hidden = !run.reason;
    this.words.className = run.state === "starting" ? "note" : "ill";
    this.actions.render(run);
  }
}

/** Says that a run is not there any more, while the page goes on; takes it back when the run is back. */
export function watchPresence(page, id, signal, onBack) {
  const sentence = element(
    "span",
    {},
    `The run ${id} is not in the folder any more. What is shown is the last that was known of it. `,
  );
  const away = element(
    "p",
    { class: "problem", role: "alert" },
    sentence,
    element("a", { href: "#/runs" }, "All runs"),
  );
  const show = () => {
    page.prepend(away);
    page.classList.add("is-gone");
  };
  runs.on("gone", (run) => run.id === id && show(), signal);
  const back = () => {
    if (!away.isConnected || !runs.known.has(id)) return;
    away.remove();
    page.classList.remove("is-gone");
    onBack();
  };
  runs.on("run", back, signal);
  runs.on(
    "list",
    () => {
      if (!runs.known.has(id)) show();
      back();
    },
    signal,
  );
}

/** What a page shows for a run that cannot be shown. */
export function absence(error, onAgain) {
  return element(
    "div",
    { class: "problem", role: "alert" },
    element("p", {}, error.message),
    element(
      "div",
      { class: "row" },
      button("Try again", onAgain),
      element("a", { class: "button", href: "#/runs" }, "All runs"),
    ),
  );
}
