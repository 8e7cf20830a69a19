// What the doctor found: on the time axis, and in words with its advice.

import { postJson, runPath } from "./api.js";
import { button, element, problemLine, withCode } from "./element.js";
import { trainingAddress } from "./router.js";
import { runs } from "./runs.js";
import { LEFT, RIGHT } from "./time_axis.js";
import { count, sentenceCase } from "./words.js";

/** Findings have rows of their own, in rem. */
const ROW = 1.45;
const MOST_ROWS = 4;

const stepsOf = ({ first, last, ongoing }) =>
  ongoing
    ? `from step ${count(first)} on`
    : first === last
      ? `at step ${count(first)}`
      : `steps ${count(first)} to ${count(last)}`;

/** The findings as marks above the plots. A click shows the film at its first step. */
export class FindingsLane {
  constructor(axis, signal) {
    this.axis = axis;
    this.findings = [];
    this.lane = element("div", {
      class: "findings-lane",
      role: "group",
      "aria-label": "Findings of the doctor over the steps",
    });
    axis.on("view", () => this.place(), signal);
  }

  setFindings(findings) {
    this.findings = findings;
    this.lane.style.height = `${Math.max(1, Math.min(MOST_ROWS, findings.length)) * ROW}rem`;
    const marks = findings.map((finding) =>
      button(element("span", {}, finding.name), () => this.axis.setFilm(finding.first), {
        class: `finding${finding.ongoing ? " ongoing" : ""}`,
        title: `${sentenceCase(finding.name)}, ${stepsOf(finding)}: ${finding.sign}`,
        "aria-label": `${finding.name}, ${stepsOf(finding)}`,
      }),
    );
    this.lane.replaceChildren(...marks);
    this.place();
  }

  place() {
    const { from, to } = this.axis;
    [...this.lane.children].forEach((mark, at) => {
      const { first, last, ongoing } = this.findings[at];
      const part = (step) => Math.min(1, Math.max(0, (step - from) / (to - from)));
      const [start, end] = [part(first), part(ongoing ? Math.max(last, this.axis.last) : last)];
      mark.hidden = (ongoing ? this.axis.last : last) < from || first > to;
      mark.style.top = `${(at % MOST_ROWS) * ROW}rem`;
      // a name beside a short mark is on the side that has space
      mark.classList.toggle("is-late", start > 0.6);
      mark.style.left = `calc(${LEFT}px + (100% - ${LEFT + RIGHT}px) * ${start})`;
      mark.style.width = `max(8px, calc((100% - ${LEFT + RIGHT}px) * ${end - start}))`;
    });
  }
}

/** The doctor's sentences, and what it advises: a button starts a new run with the flag. */
export class DoctorWords {
  constructor(id, signal) {
    this.id = id;
    this.signal = signal;
    this.lines = element("div", { class: "doctor-lines" }, element("p", { class: "note" }, "\u00a0"));
    this.findings = element("div", { class: "doctor-findings" });
    this.problem = problemLine();
    this.start = element("select", { id: "start-from" });
    this.startLine = element(
      "p",
      { class: "note", hidden: true },
      element("label", { for: "start-from" }, "New runs begin with "),
      this.start,
    );
    this.content = element(
      "div",
      { class: "doctor" },
      this.lines,
      element("div", {}, this.findings, this.startLine, this.problem.line),
    );
  }

  /** The weights that new runs can begin with. */
  offerCheckpoints(checkpoints, isAdvised) {
    const chosen = this.start.value;
    const options = [...checkpoints]
      .reverse()
      .map((step) => element("option", { value: step }, `the weights of step ${count(step)}`));
    this.start.replaceChildren(element("option", { value: "" }, "random weights"), ...options);
    if (checkpoints.includes(Number(chosen))) this.start.value = chosen;
    this.startLine.hidden = !isAdvised || checkpoints.length === 0;
  }

  render({ lines, findings, refused, checkpoints }) {
    this.offerCheckpoints(
      checkpoints,
      findings.some(({ advice }) => advice.some(({ keeps_networks }) => keeps_networks)),
    );
    const said = JSON.stringify([lines, findings, refused]);
    if (said === this.said) return;
    this.said = said;
    const first = lines.length > 0 ? lines : ["The doctor speaks with the first report."];
    const rolled =
      refused?.length > 0
        ? [`Rolled back, as its numbers were not finite: step ${refused.map(count).join(", ")}.`]
        : [];
    this.lines.replaceChildren(...[...first, ...rolled].map((line) => element("p", {}, withCode(line))));
    this.findings.replaceChildren(...findings.map((finding) => this.finding(finding)));
  }

  finding(finding) {
    const advice = finding.advice.map(({ id, words, applicable, keeps_networks }) =>
      applicable
        ? button(
            element("span", {}, "New run with ", element("code", {}, words)),
            (event) => this.restart(id, keeps_networks, event.currentTarget),
            keeps_networks ? {} : { title: "Begins with random weights, as its networks are others" },
          )
        : element("span", { class: "note" }, "or ", element("code", {}, words)),
    );
    return element(
      "article",
      { class: finding.ongoing ? "ongoing" : "" },
      element("h3", {}, sentenceCase(finding.name), " ", element("span", { class: "note" }, stepsOf(finding))),
      element("p", {}, finding.sign),
      advice.length > 0 ? element("div", { class: "row" }, advice) : null,
    );
  }

  async restart(advice, keepsNetworks, pressed) {
    this.problem.clear();
    pressed.disabled = true;
    try {
      const checkpoint = keepsNetworks && this.start.value !== "" ? { checkpoint: Number(this.start.value) } : {};
      const run = await postJson(runPath(this.id, "restart"), { advice, ...checkpoint }, this.signal);
      // an event may have told more of it already
      if (!runs.known.has(run.id)) runs.set(run);
      location.hash = trainingAddress(run.id);
    } catch (error) {
      this.problem.show(error);
      pressed.disabled = false;
    }
  }
}
