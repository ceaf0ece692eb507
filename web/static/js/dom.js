// Elements made of text nodes only: text of other systems is never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
// Control characters and characters that change the text direction are shown as escapes.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text with control characters escaped. */
export function clean(text) {
  return String(text ?? "").replace(UNSAFE, (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`);
}

/** An element: attributes by name (`class`, `dataset`, `on…` as functions), children as elements or text. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "dataset") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined).map((c) => (c instanceof Node ? c : clean(c))));
  return node;
}

/** An icon of the sprite; the text beside it has the same meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** An SVG element. */
export function s(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Set a node's text, if it differs. */
export function setText(node, text) {
  const safe = clean(text);
  if (node.textContent !== safe) node.textContent = safe;
}

/** Set a data attribute, if it differs. */
export function setData(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value;
}

/** Replace the children of a node. */
export function fill(node, children) {
  node.replaceChildren(...children);
}

/** Text as one segment of a path. */
export const segment = (text) => encodeURIComponent(text);

const toShrink = new Map(); // nodes with their boxes

/** Scale a node's text down to the width of its box before the next frame (CSS reads `--fit`), so that it never covers what
 *  stands beside it. All nodes of a frame are measured together: each measurement between two changes costs a layout. */
export function shrink(node, box) {
  if (!toShrink.size) requestAnimationFrame(shrinkAll);
  toShrink.set(node, box);
}

function shrinkAll() {
  const nodes = [...toShrink];
  toShrink.clear();
  nodes.forEach(([node]) => node.style.setProperty("--fit", 1));
  const widths = nodes.map(([node, box]) => [node.getBoundingClientRect().width, box.clientWidth]);
  nodes.forEach(([node], i) => {
    const [width, room] = widths[i];
    if (width > room) node.style.setProperty("--fit", (room / width) * 0.99);
  });
}
