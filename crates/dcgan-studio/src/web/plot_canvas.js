// Draws a plot: its lines, the numbers at its sides, and the steps that are marked.

import { LEFT, RIGHT, ticks } from "./time_axis.js";
import { count } from "./words.js";

const TOP = 6;

/** Lines of so few points show each of them. */
const FEW_POINTS = 60;

/** Lines of more points are noise around a line: both are drawn. */
const MANY_POINTS = 150;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{axis: object, data: object[], lines: object[], range: ?number[], tickWords: Function, isLast: boolean,
 *   dragged: ?object}} plot
 */
export function drawPlot(canvas, { axis, data, lines, range, tickWords, isLast, dragged }) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (width === 0) return;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const bottom = height - (isLast ? 22 : 6);
  const [low, high] = valueRange(data, axis, range);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - TOP);
  const x = (step) => axis.placeOf(step, width);

  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = colour("soft");
  context.strokeStyle = colour("line");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of ticks(low, high, 3)) {
    stroke(context, LEFT, y(value), width - RIGHT, y(value));
    context.fillText(tickWords(value), LEFT - 8, y(value));
  }
  if (isLast) {
    context.textAlign = "center";
    for (const step of ticks(axis.from, axis.to, Math.max(2, Math.floor(width / 110)), 1)) {
      context.fillText(count(step), Math.min(width - 18, x(step)), height - 8);
    }
  }
  context.beginPath();
  context.rect(LEFT, 0, width - LEFT - RIGHT, bottom + 1);
  context.clip();
  if (axis.film !== null) {
    context.strokeStyle = colour("ink");
    context.setLineDash([2, 3]);
    stroke(context, x(axis.film), 0, x(axis.film), bottom);
  }
  if (dragged?.now !== undefined) {
    context.fillStyle = colour("wash");
    context.fillRect(dragged.start, 0, dragged.now - dragged.start, bottom);
  }
  context.lineJoin = "round";
  data.forEach((line, index) => {
    context.strokeStyle = context.fillStyle = colour(`line-${index}`);
    context.setLineDash(lines[index].dash ? [5, 3] : []);
    drawLine(context, line, x, y);
  });
  context.setLineDash([]);
  if (axis.pointer !== null) {
    context.lineWidth = 1;
    context.strokeStyle = colour("soft");
    stroke(context, x(axis.pointer), 0, x(axis.pointer), bottom);
  }
}

function drawLine(context, line, x, y) {
  if (line.step.length > MANY_POINTS) {
    context.globalAlpha = 0.25;
    context.lineWidth = 1;
    trace(context, line.step, line.value, x, y);
    context.globalAlpha = 1;
    context.lineWidth = 1.6;
    trace(context, line.step, smooth(line.value), x, y);
    return;
  }
  context.lineWidth = 1.6;
  trace(context, line.step, line.value, x, y);
  if (line.step.length > FEW_POINTS) return;
  for (const [index, step] of line.step.entries()) {
    context.beginPath();
    context.arc(x(step), y(line.value[index]), 2.4, 0, 2 * Math.PI);
    context.fill();
  }
}

/** The means around each value. */
function smooth(values) {
  const reach = Math.max(1, Math.round(values.length / 80));
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1) + value);
  return values.map((_, at) => {
    const [from, to] = [Math.max(0, at - reach), Math.min(values.length, at + reach + 1)];
    return (sums[to] - sums[from]) / (to - from);
  });
}

function trace(context, steps, values, x, y) {
  context.beginPath();
  steps.forEach((step, at) =>
    at === 0 ? context.moveTo(x(step), y(values[at])) : context.lineTo(x(step), y(values[at])),
  );
  context.stroke();
}

/** A level or upright line on whole pixels. */
function stroke(context, fromX, fromY, toX, toY) {
  context.lineWidth = 1;
  const whole = (place) => Math.round(place) + 0.5;
  context.beginPath();
  context.moveTo(whole(fromX), whole(fromY));
  context.lineTo(whole(toX), whole(toY));
  context.stroke();
}

/** The values to show: of the shown steps, without the rarest tips of noisy lines. */
function valueRange(data, axis, range) {
  const shown = [...(range ?? [])];
  for (const { step, value } of data) {
    const inView = value.filter((_, at) => step[at] >= axis.from && step[at] <= axis.to).sort((a, b) => a - b);
    const tip = inView.length > FEW_POINTS ? Math.ceil(inView.length * 0.005) : 0;
    if (inView.length > 0) shown.push(inView[tip], inView[inView.length - 1 - tip]);
  }
  if (shown.length === 0) return [0, 1];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  if (low === high && range) return [low, low + 1];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5;
  return [range?.[0] === low ? low : low - margin, range?.[1] === high ? high : high + margin];
}
