// Starts the page: what is shown, and what the controls change of it.

import { Arithmetic } from "./arithmetic.js";
import { Changes, Truncation } from "./changes.js";
import { Faces } from "./faces.js";
import { Gallery } from "./gallery.js";
import { Kept } from "./kept.js";
import { LatentSpace } from "./latent.js";
import { MOST_KEPT, linkOf, parseLink } from "./link.js";
import { Painter } from "./painter.js";
import { LARGEST_SEED, Recipe } from "./recipe.js";
import { Walk } from "./walk.js";

const byId = (id) => document.getElementById(id);
const model = JSON.parse(byId("model").textContent);

/** What a page shows first. */
const USUAL = {
  first: 0,
  truncation: null,
  moves: new Map(),
  kept: [0, 1, 2].map((seed) => Recipe.ofSeed(seed, null, [])),
  operands: [],
};

let shown = USUAL;

/** The link of what was shown when the address was last set, and the timer that sets it next. */
let linked = "";
let timer = 0;

/** Browsers limit how often a page changes its address. */
const MILLISECONDS_TO_LINK = 300;

const space = new LatentSpace(model.latent, model.directions);
const listener = { onReady: showHow, onProblem: showProblem, onSpeed: showSpeed };
const painter = new Painter(byId("worker").textContent, generator(), listener);
const gallery = new Gallery(painter, space, model);
const faces = new Faces(byId("faces"), gallery, toggleKept);
const truncation = model.latent.distribution === "normal" ? new Truncation(byId("sliders"), truncate) : null;
const changes = new Changes(byId("sliders"), model.directions, move);
const kept = new Kept(byId("kept"), gallery, remove);
const walk = new Walk(byId("walk"), gallery);
const arithmetic = new Arithmetic(byId("arithmetic"), gallery, (operands) => update({ operands }), keep);

byId("new").addEventListener("click", () => update({ first: Math.floor(Math.random() * 1_000_000) }, true));
byId("first").addEventListener("change", ({ target }) => {
  const isSeed = /^\d+$/.test(target.value) && Number(target.value) <= LARGEST_SEED;
  if (isSeed) update({ first: Number(target.value) }, true);
  else target.value = shown.first;
});
byId("reset").addEventListener("click", () => update({ moves: new Map(), truncation: null }));
byId("copy").addEventListener("click", copyLink);
window.addEventListener("hashchange", readLink);

render();
readLink();

/** The generator, for the worker. It leaves the page, as it has tens of megabytes. */
function generator() {
  const weights = byId("weights");
  weights.remove();
  return { model: model.network, kernel: byId("kernel").textContent, weights: weights.textContent };
}

/** Changes what is shown, and soon the link. After a visit the browser can go back. */
function update(change, isVisit = false) {
  shown = { ...shown, ...change };
  render();
  clearTimeout(timer);
  if (isVisit) setLink((link) => (location.hash = link));
  else timer = setTimeout(() => setLink((link) => location.replace(link)), MILLISECONDS_TO_LINK);
}

function setLink(set) {
  linked = linkOf(shown);
  set(linked);
}

/** Shows what the link says, if another one was entered. */
function readLink() {
  if (location.hash === linked) return;
  linked = location.hash;
  const { shown: read, isWhole } = parseLink(location.hash, USUAL, space);
  shown = read;
  render();
  if (!isWhole) say("This page does not understand a part of the link, and left it out.");
}

function render() {
  const seeds = Array.from({ length: model.count }, (_, at) => shown.first + at);
  const recipes = seeds.map((seed) => Recipe.ofSeed(seed, shown.truncation, shown.moves));
  byId("first").value = shown.first;
  faces.render(recipes, new Set(shown.kept.map(String)));
  truncation?.render(shown.truncation);
  changes.render(shown.moves);
  kept.render(shown.kept);
  walk.render(shown.kept);
  arithmetic.render(shown.kept, shown.operands);
  byId("nothing-kept").hidden = shown.kept.length > 0;
}

function move(key, strength) {
  update({ moves: new Map(shown.moves).set(key, strength) });
}

function truncate(limit) {
  update({ truncation: limit });
}

const isKept = (recipe) => shown.kept.some((other) => String(other) === String(recipe));

function keep(recipe) {
  if (shown.kept.length === MOST_KEPT) {
    say(`A page keeps ${MOST_KEPT} pictures: remove one first.`);
    return;
  }
  if (!isKept(recipe)) update({ kept: [...shown.kept, recipe] });
  say(`Kept ${recipe.name}.`);
}

function remove(recipe) {
  update({ kept: shown.kept.filter((other) => String(other) !== String(recipe)) });
  say(`Removed ${recipe.name}.`);
}

function toggleKept(recipe) {
  if (isKept(recipe)) remove(recipe);
  else keep(recipe);
}

async function copyLink() {
  const link = new URL(linkOf(shown), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say("Link copied.");
  } catch {
    const field = byId("link");
    field.hidden = false;
    field.value = link;
    field.select();
    say("Copy the link from the field.");
  }
}

/** Says what happened in a line that goes away, and that screen readers speak. */
function say(sentence) {
  const status = byId("status");
  status.textContent = sentence;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (status.textContent = ""), 5000);
}

function showHow() {
  byId("unpacking").hidden = true;
  byId("how").hidden = false;
}

function showSpeed(milliseconds) {
  const rounded = milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);
  byId("speed").textContent = `A picture takes ${rounded} ms here.`;
}

function showProblem(sentence) {
  const problem = byId("problem");
  problem.textContent = sentence;
  problem.hidden = false;
  byId("unpacking").hidden = true;
  document.body.classList.add("broken");
}
