// Explores what a generator can draw, also while it trains.

import { download, downloadFrom, getJson, postForBlob, runPath } from "./api.js";
import { Arithmetic } from "./arithmetic.js";
import { Bench } from "./bench.js";
import { button, element, problemLine } from "./element.js";
import { Interpolation } from "./interpolation.js";
import { jobPath, runJob } from "./jobs.js";
import { Kept } from "./kept.js";
import { fileName, keyOf } from "./latent.js";
import { Painter } from "./painter.js";
import { PictureGrid } from "./picture_grid.js";
import { Projection } from "./projection.js";
import { RunHeader, absence, watchPresence } from "./run_header.js";
import { runs } from "./runs.js";
import { say } from "./say.js";
import { count } from "./words.js";

export async function explorePage(page, [id], signal) {
  const header = new RunHeader(id, "Explore", signal);
  const loading = element("p", { class: "note loading" }, "Loading …");
  page.append(header.head, loading);
  const open = async () => {
    try {
      await runs.started(id, signal);
      const [detail, studio] = await Promise.all([getJson(runPath(id), signal), getJson("/api/studio", signal)]);
      runs.set(detail.run);
      if (detail.grids.length === 0 && detail.checkpoints.length === 0) {
        loading.textContent = "The run has no generator yet: it writes one with its first report.";
        runs.on("report", (report) => report.id === id && !signal.aborted && location.reload(), signal);
        return;
      }
      loading.remove();
      explore(page, id, detail, studio, signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      loading.remove();
      const away = absence(error, () => {
        away.remove();
        open();
      });
      page.append(away);
    }
  };
  await open();
}

function explore(page, id, detail, studio, signal) {
  const painter = new Painter(id, detail.image_size, signal);
  const problem = problemLine();
  const weights = () => (painter.checkpoint === null ? {} : { checkpoint: painter.checkpoint });
  const saving =
    (action) =>
    async (...given) => {
      problem.clear();
      try {
        await action(...given);
      } catch (error) {
        problem.show(error);
      }
    };
  const saveVectors = saving(async (items, name = fileName(id, { name: "kept" })) => {
    const body = { latents: items.map(({ latent }) => latent) };
    download(await postForBlob(runPath(id, "latents.safetensors"), body, signal), `${name}.safetensors`);
  });
  const tools = {
    painter,
    weights,
    chosen: () => bench.item,
    choose: (item) => bench.choose(item),
    keep: (item) => item && kept.keep(item),
    add: (at, item) => {
      arithmetic.add(at, item);
      say(`${item.name} is in group ${"ABC"[at]}.`);
    },
    save: saving(async (item) => {
      const body = { latent: item.latent, ...weights() };
      download(await postForBlob(runPath(id, "picture"), body, signal), `${fileName(id, item)}.png`);
    }),
    saveVector: (item) => saveVectors([item], fileName(id, item)),
    saveVectors,
  };

  const bench = new Bench(
    tools,
    { id, side: detail.image_size, signal },
    (item) => grid.markChosen(keyOf(item)),
    (moves) => grid.setMoves(moves),
  );
  bench.opinion.weights = bench.neighbours.weights = weights;
  const setStops = () => interpolation.setStops(kept.items, grid.items().slice(0, 6));
  const interpolation = new Interpolation(tools, id, signal);
  const grid = new PictureGrid(tools, detail.latent !== "uniform", setStops);
  const kept = new Kept(tools, id, setStops);
  const arithmetic = new Arithmetic(tools, id, signal);
  const projection = new Projection(tools, id, studio.upload_limit, signal);

  page.append(
    element("div", { class: "weights" }, weightsBar(id, detail, painter, problem, signal)),
    problem.line,
    element(
      "div",
      { class: "explore-sheet" },
      grid.section,
      bench.aside,
      element(
        "div",
        { class: "made-of-them" },
        kept.section,
        arithmetic.section,
        element("div", { class: "two" }, interpolation.section, projection.section),
      ),
    ),
  );
  setStops();
  bench.choose(grid.cells[0].item);

  painter.addEventListener("problem", ({ detail: error }) => problem.show(error), { signal });
  painter.addEventListener("well", () => problem.clear(), { signal });
  const onStep = () => {
    bench.opinion.again();
    bench.sliders.loadIfEmpty();
  };
  painter.addEventListener("step", onStep, { signal });
  watchPresence(page, id, signal, () => painter.redraw());
}

/** Which weights draw, and the page that draws without the studio. */
function weightsBar(id, detail, painter, problem, signal) {
  const select = element("select", {
    id: "weights",
    onchange: () => painter.redraw(select.value === "" ? null : Number(select.value)),
  });
  const newest = element("option", { value: "" }, "the newest");
  const fill = ({ checkpoints, best }) => {
    const chosen = select.value;
    const options = [...checkpoints]
      .reverse()
      .map((step) =>
        element("option", { value: step }, `of step ${count(step)}${step === best?.step ? ", the best" : ""}`),
      );
    select.replaceChildren(newest, ...options);
    select.value = checkpoints.includes(Number(chosen)) ? chosen : "";
  };
  fill(detail);
  const drawnBy = element("span", { class: "note", role: "status" }, "\u00a0");
  painter.addEventListener(
    "step",
    () => (drawnBy.textContent = `Drawn by the generator of step ${count(painter.step)}.`),
    { signal },
  );
  runs.on(
    "report",
    async (report) => {
      if (report.id !== id) return;
      fill(await getJson(runPath(id), signal));
      if (painter.checkpoint === null) painter.redraw();
    },
    signal,
  );
  const page = button(
    "Save as a page",
    async () => {
      problem.clear();
      page.disabled = true;
      try {
        const { id: job, file } = await runJob(
          runPath(id, "page"),
          { body: {}, signal },
          (words) => (page.textContent = words),
        );
        downloadFrom(jobPath(job, "file"), file);
        say("Saved: one HTML file that draws without the studio.");
      } catch (error) {
        problem.show(error);
      }
      page.textContent = "Save as a page";
      page.disabled = false;
    },
    { title: "One HTML file that draws new pictures in any browser" },
  );
  return [element("label", { for: "weights" }, "Weights "), select, drawnBy, page];
}
