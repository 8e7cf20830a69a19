// The list of runs.

import { getJson } from "./api.js";
import { element } from "./element.js";
import { RunCard } from "./run_card.js";
import { isActive } from "./run_state.js";
import { runs } from "./runs.js";

/** From so many runs on there is a field to find one. */
const MANY_RUNS = 12;
const MILLISECONDS_TO_RENDER = 30;

export async function runsPage(page, _, signal) {
  const lead = element("p", { class: "lead" }, "\u00a0");
  const search = element("input", {
    type: "search",
    id: "search",
    placeholder: "Find a run",
    "aria-label": "Find a run",
    hidden: true,
    oninput: () => filter(),
  });
  const list = element("div", { class: "runs-list", "aria-busy": "true" });
  page.append(
    element(
      "div",
      { class: "head" },
      element("h1", {}, "Runs"),
      element("a", { class: "button main", href: "#/new" }, "New run"),
    ),
    lead,
    search,
    list,
  );
  const [studio] = await Promise.all([getJson("/api/studio", signal), runs.isLoaded ? null : runs.load()]);
  signal.throwIfAborted();

  const cards = new Map();
  const seen = new IntersectionObserver(
    (entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => cardOf.get(target)?.show()),
    { rootMargin: "50%" },
  );
  signal.addEventListener("abort", () => seen.disconnect());
  const cardOf = new Map();
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    for (const [id, { card }] of cards) card.hidden = !id.toLowerCase().includes(wanted);
  };
  let isFirst = true;
  const render = () => {
    list.removeAttribute("aria-busy");
    for (const [id, { card }] of cards) {
      if (runs.known.has(id)) continue;
      card.remove();
      cards.delete(id);
      cardOf.delete(card);
    }
    // training ones first, else in the order of the studio
    const ordered = [...runs.known.values()].sort((a, b) => isActive(b) - isActive(a));
    for (const run of ordered) {
      if (cards.has(run.id)) continue;
      const card = new RunCard(run, signal);
      cards.set(run.id, card);
      cardOf.set(card.card, card);
      seen.observe(card.card);
    }
    // cards keep their places while the page is open, and with them the focus; new ones come first
    for (const { card } of cards.values()) {
      if (card.isConnected) continue;
      if (isFirst) list.append(card);
      else list.prepend(card);
    }
    isFirst = false;
    search.hidden = cards.size < MANY_RUNS;
    filter();
    lead.textContent = `${inWords(runs.known)} in the folder ${studio.runs_dir}.`;
    list.classList.toggle("is-empty", runs.known.size === 0);
    if (runs.known.size === 0) list.replaceChildren(emptiness());
    else list.querySelector(".emptiness")?.remove();
  };
  // many runs are told of at once
  let next = null;
  const schedule = () => (next ??= setTimeout(() => ((next = null), render()), MILLISECONDS_TO_RENDER));
  signal.addEventListener("abort", () => clearTimeout(next));
  runs.on(
    "run",
    (run) => {
      cards.get(run.id)?.render(run);
      schedule();
    },
    signal,
  );
  runs.on("gone", schedule, signal);
  runs.on(
    "list",
    () => {
      for (const [id, card] of cards) if (runs.known.has(id)) card.render(runs.known.get(id));
      schedule();
    },
    signal,
  );
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
