// How a training goes: the film of its reports, plots, and the doctor's words.

import { getJson, runPath } from "./api.js";
import { button, element, problemLine, section } from "./element.js";
import { Film } from "./film.js";
import { FilmControls } from "./film_controls.js";
import { FilmStrip } from "./film_strip.js";
import { DoctorWords, FindingsLane } from "./findings.js";
import { Metrics, newPlots, showMetrics } from "./plots.js";
import { RunHeader, absence, watchPresence } from "./run_header.js";
import { runs } from "./runs.js";
import { TimeAxis } from "./time_axis.js";
import { count, measure } from "./words.js";

/** While it trains, metrics are asked for this often. */
const MILLISECONDS_TO_METRICS = 2500;

export async function trainingPage(page, [id], signal) {
  const axis = new TimeAxis();
  const header = new RunHeader(id, "Training", signal);
  const film = new Film(id, signal);
  const controls = new FilmControls(axis, signal);
  const strip = new FilmStrip(film, axis, signal);
  const lane = new FindingsLane(axis, signal);
  const doctor = new DoctorWords(id, signal);
  const plots = newPlots(axis, signal);
  const problem = problemLine();
  const best = element("p", { class: "note" }, "\u00a0");
  const config = element("pre");
  const all = button("All steps", () => axis.showAll(), { hidden: true });
  const csv = element("a", { class: "button", href: runPath(id, "metrics.csv"), download: "metrics.csv" }, "CSV");

  const real = button(
    "Real pictures",
    () => {
      film.isReal = !film.isReal;
      real.setAttribute("aria-pressed", film.isReal);
      film.show(axis.film);
    },
    { "aria-pressed": "false" },
  );
  page.append(
    header.head,
    problem.line,
    element(
      "div",
      { class: "sheet" },
      section("Reports", [film.larger, real], controls.bar, film.frame, best),
      section(
        "Over the steps",
        [all, csv],
        element(
          "div",
          { class: "time" },
          lane.lane,
          strip.canvas,
          plots.map(({ figure }) => figure),
        ),
        element(
          "p",
          { class: "note" },
          "Drag in a plot to zoom, double click for all steps, click to move the film. With the keyboard: arrow keys, + and −, 0, Enter.",
        ),
      ),
    ),
    section("The doctor", [], doctor.content),
    section("Settings", [], element("details", {}, element("summary", {}, "config.toml"), config)),
  );

  axis.on("film", () => film.show(axis.film), signal);
  axis.on("view", () => (all.hidden = axis.zoomed === null), signal);
  page.addEventListener("keydown", (event) => {
    if (event.target !== document.body && event.target.closest("input, select, canvas, button, summary, a, textarea"))
      return;
    if (event.key === "ArrowLeft") controls.go(controls.index - 1);
    if (event.key === "ArrowRight") controls.go(controls.index + 1);
  });

  const metrics = new Metrics(
    id,
    axis,
    (answer) => {
      showMetrics(plots, answer);
      problem.clear();
    },
    (error) => problem.show(error),
    signal,
  );

  const load = async () => {
    const detail = await getJson(runPath(id), signal);
    runs.set(detail.run);
    axis.setLast(detail.run.step);
    film.setSteps(detail.grids, detail.image_size);
    controls.setSteps(detail.grids);
    lane.setFindings(detail.findings);
    doctor.render(detail);
    best.textContent = bestOf(detail);
    config.textContent = detail.config;
    film.preload();
    return metrics.load();
  };
  const reload = () =>
    load().catch((error) => error.name !== "AbortError" && error.status !== 404 && problem.show(error));

  const sheet = [...page.children].slice(1);
  const open = async () => {
    try {
      await runs.started(id, signal);
      await load();
    } catch (error) {
      if (error.name === "AbortError") return;
      for (const part of sheet) part.hidden = true;
      const away = absence(error, () => {
        away.remove();
        for (const part of sheet) part.hidden = false;
        problem.clear();
        open();
      });
      page.append(away);
    }
  };
  await open();
  watchPresence(page, id, signal, reload);

  let asked = performance.now();
  const standing = (run) => `${run?.state} ${run?.reason ?? ""}`;
  let known = standing(runs.known.get(id));
  runs.on(
    "run",
    (run) => {
      if (run.id !== id) return;
      if (standing(run) !== known) {
        known = standing(run);
        reload();
      } else if (run.step !== axis.last && performance.now() - asked > MILLISECONDS_TO_METRICS) {
        asked = performance.now();
        axis.setLast(run.step);
        metrics.load();
      }
    },
    signal,
  );
  runs.on("report", (report) => report.id === id && reload(), signal);
  runs.on("list", reload, signal);
}

function bestOf({ best, grids }) {
  if (!best) return grids.length > 0 ? "The same 64 latent vectors at every report." : "\u00a0";
  const measures = { report: "the distance of reports", swd: "SWD", kid: "KID" };
  return `Nearest to the real pictures: step ${count(best.step)} (${measure(best.distance)} by ${measures[best.measure] ?? best.measure}). The same 64 latent vectors at every report.`;
}
