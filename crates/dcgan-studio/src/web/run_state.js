// What state a run is in: shown as words, a line of progress and figures.

import { element } from "./element.js";
import { STATES, count, duration, measure, stepOf } from "./words.js";

export const isActive = (run) => run.state === "training" || run.state === "starting";

/** The state with its mark; the mark never speaks alone. */
export function stateBadge(run) {
  return element("span", { class: `state ${run.state}` }, STATES[run.state] ?? run.state);
}

/** A line of progress, and what sets it to a run. */
export function progressLine() {
  const done = element("span");
  const line = element("div", { class: "progress", "aria-hidden": "true" }, done);
  const set = (run) => {
    const part = run.total_steps ? Math.min(1, run.step / run.total_steps) : 0;
    line.className = `progress ${run.state}`;
    done.style.transform = `scaleX(${part})`;
  };
  return { line, set };
}

/** "step 960 of 2,400 · 120 pictures/s · 3 min left" */
export function figures(run) {
  if (["unreadable", "starting", "failed"].includes(run.state)) return "";
  const parts = [stepOf(run)];
  if (isActive(run) && run.pictures_per_second) parts.push(`${measure(run.pictures_per_second)} pictures/s`);
  if (isActive(run) && Number.isFinite(run.seconds_left)) parts.push(`${duration(run.seconds_left)} left`);
  return parts.join(" · ");
}

/** What a run is made of: "laptop · 64×64 · drawn faces". */
export function makeUp(run, dataName) {
  if (["unreadable", "starting", "failed"].includes(run.state)) return "";
  return [run.preset, `${count(run.image_size)}×${count(run.image_size)}`, dataName].filter(Boolean).join(" · ");
}
