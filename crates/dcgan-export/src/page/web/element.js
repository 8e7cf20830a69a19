// Elements of the page.

/** An element with a class and content. */
export function element(name, className, ...content) {
  const created = document.createElement(name);
  if (className) created.className = className;
  created.append(...content);
  return created;
}
