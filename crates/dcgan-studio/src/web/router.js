// Which page an address shows. Addresses are hashes: #/runs, #/new, #/run/NAME/training, #/compare/NAME/NAME.

/** @returns {{page: string, runs: string[]}} */
export function parseAddress(hash) {
  const [first = "", ...rest] = hash.replace(/^#\/?/, "").split("/").map(decode);
  if (first === "new") return { page: "new", runs: [] };
  if (first === "compare") return { page: "compare", runs: rest.filter(Boolean) };
  if (first === "run" && rest[0]) return { page: rest[1] === "explore" ? "explore" : "training", runs: [rest[0]] };
  return { page: "runs", runs: [] };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const trainingAddress = (id) => `#/run/${encodeURIComponent(id)}/training`;
export const exploreAddress = (id) => `#/run/${encodeURIComponent(id)}/explore`;
export const compareAddress = (...ids) => ["#/compare", ...ids.map(encodeURIComponent)].join("/");
