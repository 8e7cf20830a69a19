// Starts the studio, and shows the page of the address.

import { comparePage } from "./compare_page.js";
import { element } from "./element.js";
import { explorePage } from "./explore_page.js";
import { newRunPage } from "./new_run_page.js";
import { parseAddress } from "./router.js";
import { listen } from "./runs.js";
import { runsPage } from "./runs_page.js";
import { trainingPage } from "./training_page.js";

const PAGES = {
  runs: { show: runsPage, title: "Runs", link: "#/runs" },
  new: { show: newRunPage, title: "New run", link: "#/new" },
  training: { show: trainingPage, title: "Training", link: "#/runs" },
  explore: { show: explorePage, title: "Explore", link: "#/runs" },
  compare: { show: comparePage, title: "Compare", link: "#/compare" },
};

const main = document.getElementById("main");
let shown = null;

window.addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
// the token is in a cookie now, and need not be in the address
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
listen();
show();

/** A page gets an element to fill and a signal that aborts when it is left. */
async function show(event) {
  shown?.abort();
  shown = new AbortController();
  const { page, runs } = parseAddress(location.hash);
  const { show: fill, title, link } = PAGES[page];
  document.title = [...runs, title, "dcgan studio"].join(" · ");
  for (const item of document.querySelectorAll(".masthead nav a")) {
    if (item.getAttribute("href") === link) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
  const content = element("div", { class: `page ${page}` });
  main.replaceChildren(content);
  window.scrollTo(0, 0);
  // the keyboard and screen readers go on at the new page
  if (event) main.focus({ preventScroll: true });
  try {
    await fill(content, runs, shown.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    content.append(element("p", { class: "problem", role: "alert" }, error.message));
  }
}
