// Elements of the page.

/**
 * An element with attributes and children. Attributes that are functions become listeners (`onclick`), true and
 * false set and leave out, null and undefined leave out.
 */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") created.addEventListener(key.slice(2), value);
    else if (value === true) created.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) created.setAttribute(key, value);
  }
  created.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return created;
}

/** A button; `className` "main" is for the one action that a section is about. */
export function button(label, action, attributes = {}) {
  return element("button", { type: "button", onclick: action, ...attributes }, label);
}

/** A section that begins with a line, its title and its controls. */
export function section(title, controls = [], ...content) {
  const heading = element("h2", {}, title);
  return element("section", { "aria-label": title }, element("div", { class: "bar" }, heading, controls), content);
}

/** A sentence whose commands stand out. */
export function withCode(sentence) {
  return sentence.split("`").map((part, at) => (at % 2 === 1 ? element("code", {}, part) : part));
}

/** A line that a command prints: a word, space, and what there is to say of it. */
export function inColumns(line) {
  const [, word, rest] = /^(\S[^:]*?) {2,}(.*)$/.exec(line) ?? [];
  if (!word) return element("p", {}, withCode(line));
  return element("p", { class: "columns" }, element("span", {}, word), element("span", {}, withCode(rest)));
}

/** A place for a sentence about what went wrong nearby; it is spoken when it is filled. */
export function problemLine() {
  const line = element("p", { class: "problem", role: "alert", hidden: true });
  return {
    line,
    show(error) {
      if (error?.name === "AbortError") return;
      line.replaceChildren(...withCode(error?.message ?? String(error)));
      line.hidden = false;
    },
    clear() {
      line.hidden = true;
      line.textContent = "";
    },
  };
}
