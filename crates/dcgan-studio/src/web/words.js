// Numbers, times and states in words.

const plain = new Intl.NumberFormat("en");

/** 2400 becomes 2,400. */
export const count = (number) => plain.format(number);

/** A measured number with three digits that count. */
export function measure(number) {
  if (number === null || number === undefined || Number.isNaN(number)) return "–";
  const size = Math.abs(number);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return number.toExponential(1).replace("-", "−");
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return number.toFixed(digits).replace("-", "−");
}

/** A round number beside a plot. */
export const tick = (number) =>
  (Math.abs(number) >= 1e5 ? number.toExponential() : String(Number(number.toPrecision(3)))).replace("-", "−");

/** A part of 1, or null if it is not known. */
export const percent = (part) => (part === null ? "–" : `${Math.round(part * 100)}%`);

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${unit === 0 ? number : measure(number)} ${units[unit]}`;
}

export const STATES = {
  starting: "starting",
  failed: "could not start",
  training: "training",
  complete: "complete",
  stopped: "stopped",
  "gave-up": "gave up",
  unreadable: "unreadable",
};

/** "step 960 of 2,400", or what is known of it. */
export function stepOf({ step, total_steps: total }) {
  if (total && step >= total) return `${count(step)} steps`;
  return total ? `step ${count(step)} of ${count(total)}` : `step ${count(step)}`;
}

/** The name of data: of a folder, the last part of its path. */
export function dataName(data) {
  return data === "demo" ? "drawn faces" : (data.split(/[\\/]/).filter(Boolean).at(-1) ?? data);
}

export const sentenceCase = (words) => words.charAt(0).toUpperCase() + words.slice(1);
