// Two runs side by side: their films on the same seeds, and their numbers in the same plots.

import { getJson, runPath } from "./api.js";
import { element, problemLine, section } from "./element.js";
import { Film } from "./film.js";
import { FilmControls } from "./film_controls.js";
import { Plot } from "./plot.js";
import { columnOf } from "./plots.js";
import { compareAddress, trainingAddress } from "./router.js";
import { figures, stateBadge } from "./run_state.js";
import { runs } from "./runs.js";
import { TimeAxis } from "./time_axis.js";
import { count, percent } from "./words.js";

const PLOTS = [
  { title: "Distance to real pictures", of: "reports.distance", range: [0, 0] },
  { title: "Diversity", of: "reports.diversity", range: [0, 1], inWords: percent, tickWords: percent },
  { title: "Loss of D", of: "loss_d", range: [0, 0] },
  { title: "Loss of G", of: "loss_g", range: [0, 0] },
];

export async function comparePage(page, ids, signal) {
  page.append(element("div", { class: "head" }, element("h1", {}, "Compare")));
  if (!runs.isLoaded) await runs.load();
  signal.throwIfAborted();
  const choices = [...runs.known.values()].filter((run) => run.state !== "unreadable");
  page.append(choice(choices, ids));
  if (choices.length < 2) {
    page.append(element("p", { class: "lead" }, "It takes two runs to compare."));
    return;
  }
  const shown = ids.filter(Boolean).slice(0, 2);
  if (shown.length < 2) {
    page.append(element("p", { class: "lead" }, "Choose two runs."));
    return;
  }
  sideBySide(page, shown, signal);
}

/** The choice of the two runs. */
function choice(list, ids) {
  const select = (at) => {
    const options = list.map(({ id }) => element("option", { value: id, selected: id === ids[at] }, id));
    if (!list.some(({ id }) => id === ids[at]))
      options.unshift(element("option", { value: "", selected: true }, ids[at] ?? "choose a run"));
    const go = ({ target }) => {
      const chosen = [0, 1].map((place) => (place === at ? target.value : (ids[place] ?? "")));
      location.hash = chosen[1] || at === 0 ? compareAddress(...chosen) : compareAddress(...chosen.filter(Boolean));
    };
    return element("select", { "aria-label": at === 0 ? "First run" : "Second run", onchange: go }, options);
  };
  return element(
    "div",
    { class: "row compare-choice" },
    select(0),
    element("span", { class: "note" }, "and"),
    select(1),
  );
}

function sideBySide(page, ids, signal) {
  const axis = new TimeAxis();
  const controls = new FilmControls(axis, signal);
  const sides = ids.map((id) => newSide(id, signal));
  const plots = PLOTS.map((what, at) => {
    const lines = ids.map((name) => ({ name }));
    return new Plot(axis, { ...what, lines, isLast: at >= PLOTS.length - 2 }, signal);
  });
  page.append(
    element(
      "div",
      { class: "sides" },
      sides.map(({ part }) => part),
    ),
    element(
      "div",
      { class: "under-sides" },
      controls.bar,
      element(
        "p",
        { class: "note" },
        "The pictures at the same place have the same latent vector, if the runs have the same seed and length of latent vectors.",
      ),
    ),
    section(
      "Over the steps",
      [],
      element(
        "div",
        { class: "time pairs" },
        plots.map(({ figure }) => figure),
      ),
    ),
  );
  axis.on("film", () => sides.forEach(({ film, render }) => film.show(axis.film).then(render)), signal);
  // the chosen picture is the same in both
  for (const { film } of sides) {
    film.addEventListener("picture", () => {
      for (const other of sides) if (other.film.chosen !== film.chosen) other.film.choose(film.chosen);
    });
  }
  const load = async (side) => {
    try {
      await runs.started(side.id, signal);
      const [detail, metrics] = await Promise.all([
        getJson(runPath(side.id), signal),
        getJson(runPath(side.id, "metrics?points=600"), signal),
      ]);
      side.problem.clear();
      side.take(detail, metrics);
    } catch (error) {
      side.problem.show(error);
      return;
    }
    axis.setLast(Math.max(...sides.map(({ step }) => step)));
    const steps = [...new Set(sides.flatMap(({ film }) => film.steps))].sort((a, b) => a - b);
    controls.setSteps(steps);
    plots.forEach((plot, at) =>
      plot.setData(sides.map(({ metrics: of }) => (of ? columnOf(of, PLOTS[at].of) : { step: [], value: [] }))),
    );
    if (axis.film !== null) await side.film.show(axis.film);
    side.render();
    side.film.preload();
  };
  for (const side of sides) load(side);
  const reload = ({ id }) => sides.filter((side) => side.id === id).forEach(load);
  runs.on("report", reload, signal);
  runs.on("run", (run) => sides.filter(({ id }) => id === run.id).forEach((side) => side.show(run)), signal);
  runs.on("list", () => sides.forEach(load), signal);
  runs.on(
    "gone",
    ({ id }) =>
      sides
        .filter((side) => side.id === id)
        .forEach((side) => side.problem.show(`The run ${id} is not in the folder any more.`)),
    signal,
  );
}

function newSide(id, signal) {
  const film = new Film(id, signal);
  const line = element("p", { class: "line" }, "\u00a0");
  const caption = element("p", { class: "note" }, "\u00a0");
  const problem = problemLine();
  const title = element("h2", {}, element("a", { href: trainingAddress(id) }, id));
  return {
    id,
    film,
    problem,
    step: 1,
    part: element(
      "section",
      { "aria-label": id },
      element("div", { class: "bar" }, title),
      film.frame,
      caption,
      line,
      problem.line,
    ),
    show: (run) => line.replaceChildren(stateBadge(run), ` ${figures(run)}`),
    take(detail, metrics) {
      this.show(detail.run);
      this.metrics = metrics;
      this.step = detail.run.step;
      film.setSteps(detail.grids, detail.image_size);
    },
    render: () => (caption.textContent = film.wanted === null ? "\u00a0" : `step ${count(film.wanted)}`),
  };
}
