// The list of runs.

import { getJson } from "./api.js";
import { element } from "./element.js";
import { RunCard } from "./run_card.js";
import { isActive } from "./run_state.js";
import { runs } from "./runs.js";

export async function runsPage(page, _, signal) {
  const lead = element("p", { class: "lead" }, "\u00a0");
  const list = element("div", { class: "runs-list", "aria-busy": "true" });
  page.append(
    element(
      "div",
      { class: "head" },
      element("h1", {}, "Runs"),
      element("a", { class: "button main", href: "#/new" }, "New run"),
    ),
    lead,
    list,
  );
  const [studio] = await Promise.all([getJson("/api/studio", signal), runs.isLoaded ? null : runs.load()]);
  signal.throwIfAborted();

  const cards = new Map();
  let isFirst = true;
  const render = () => {
    list.removeAttribute("aria-busy");
    for (const [id, { card }] of cards) {
      if (runs.known.has(id)) continue;
      card.remove();
      cards.delete(id);
    }
    // training ones first, else in the order of the studio
    const ordered = [...runs.known.values()].sort((a, b) => isActive(b) - isActive(a));
    for (const run of ordered) {
      if (cards.has(run.id)) cards.get(run.id).render(run);
      else cards.set(run.id, new RunCard(run, signal));
    }
    // cards keep their places while the page is open, and with them the focus; new ones come first
    for (const { card } of cards.values()) {
      if (card.isConnected) continue;
      if (isFirst) list.append(card);
      else list.prepend(card);
    }
    isFirst = false;
    lead.textContent = `${inWords(runs.known)} in the folder ${studio.runs_dir}.`;
    list.classList.toggle("is-empty", runs.known.size === 0);
    if (runs.known.size === 0) list.replaceChildren(emptiness());
    else list.querySelector(".emptiness")?.remove();
  };
  runs.on("run", render, signal);
  runs.on("gone", render, signal);
  runs.on("list", render, signal);
  render();
}

function inWords(known) {
  if (known.size === 0) return "No run yet";
  const training = [...known.values()].filter(isActive).length;
  if (known.size === 1) return training === 1 ? "One run, which is training," : "One run";
  return training === 0 ? `${known.size} runs` : `${known.size} runs, ${training} of them training,`;
}

function emptiness() {
  return element(
    "div",
    { class: "emptiness" },
    element(
      "p",
      {},
      "A run is a pair of networks in training: a generator that draws, and a discriminator that tells its pictures from real ones.",
    ),
    element("a", { class: "button main", href: "#/new" }, "Train the first one"),
  );
}
