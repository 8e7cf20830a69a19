// The plots of a training, fed with its metrics.

import { getJson, runPath } from "./api.js";
import { sleep } from "./connection.js";
import { Plot } from "./plot.js";
import { percent } from "./words.js";

/** What is plotted: where the numbers are in the answer, and how they are shown. */
const PLOTS = [
  {
    title: "Losses",
    range: [0, 0],
    lines: [
      { name: "D", of: "loss_d" },
      { name: "G", of: "loss_g" },
    ],
  },
  {
    title: "Discriminator is right",
    range: [0.5, 1],
    inWords: percent,
    tickWords: percent,
    lines: [
      { name: "on real", of: "accuracy_real" },
      { name: "on fakes", of: "accuracy_fake" },
    ],
  },
  {
    title: "Discriminator's logits",
    range: [0, 0],
    lines: [
      { name: "of real", of: "logit_real" },
      { name: "of fakes", of: "logit_fake" },
    ],
  },
  {
    title: "Diversity",
    range: [0, 1],
    inWords: percent,
    tickWords: percent,
    lines: [
      { name: "of pictures", of: "reports.diversity" },
      { name: "colours", of: "reports.colours", dash: true },
    ],
  },
  {
    title: "Novelty and contrast",
    range: [0, 1],
    inWords: percent,
    tickWords: percent,
    lines: [
      { name: "novelty", of: "reports.novelty" },
      { name: "contrast", of: "reports.contrast" },
    ],
  },
  {
    title: "Distance to real pictures",
    range: [0, 0],
    lines: [
      { name: "reports", of: "reports.distance" },
      { name: "SWD", of: "evaluations.swd", dash: true },
      { name: "KID", of: "evaluations.kid", dash: true },
    ],
  },
];

export function newPlots(axis, signal) {
  return PLOTS.map((what, at) => new Plot(axis, { ...what, isLast: at === PLOTS.length - 1 }, signal));
}

export function showMetrics(plots, metrics) {
  for (const plot of plots) plot.setData(plot.lines.map(({ of }) => columnOf(metrics, of)));
}

/** The steps and values of a column such as "loss_d" or "reports.distance". */
export function columnOf(metrics, name) {
  const [group, column] = name.includes(".") ? name.split(".") : [null, name];
  const from = group ? metrics[group] : metrics;
  return { step: from?.step ?? [], value: from?.[column] ?? [] };
}

/** Metrics of a run for the steps that an axis shows. It asks for one answer at a time, and for the newest view last. */
export class Metrics {
  constructor(id, axis, onMetrics, onProblem, signal) {
    Object.assign(this, { id, axis, onMetrics, onProblem, signal });
    axis.on("view", () => axis.zoomed !== this.loaded && this.load(), signal);
  }

  load() {
    this.wanted = true;
    this.loading ??= this.run().finally(() => (this.loading = null));
    return this.loading;
  }

  async run() {
    while (this.wanted && !this.signal.aborted) {
      this.wanted = false;
      const zoomed = this.axis.zoomed;
      const range = zoomed ? `&from=${Math.floor(zoomed.from)}&to=${Math.ceil(zoomed.to)}` : "";
      try {
        const metrics = await getJson(runPath(this.id, `metrics?points=600${range}`), this.signal);
        this.loaded = zoomed;
        this.onMetrics(metrics);
        await sleep(150, this.signal);
      } catch (error) {
        this.onProblem(error);
        return;
      }
    }
  }
}
