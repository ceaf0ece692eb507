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

/** Make the items of a list, each with a `dataset.id`, like new ones. One that only changes keeps its nodes, so that it
 *  keeps the focus, and a click on it is not lost: its listeners stay the old ones, and read what is new from `contentAround`. */
export function refill(list, items) {
  const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const kept = items.map((item) => {
    const old = known.get(item.dataset.id);
    if (!old || !renewed(old, item)) return item;
    contents.set(old, contents.get(item));
    return old;
  });
  if (kept.length !== list.children.length || kept.some((item, i) => item !== list.children[i])) list.replaceChildren(...kept);
}

const contents = new WeakMap();
/** An item of a list with what it shows. */
export const withContent = (item, content) => { contents.set(item, content); return item; };
/** What the item shows now in which a node is. */
export const contentAround = (node) => contents.get(node.closest("[data-id]"));

// Whether a node could be made like another one: one of the same elements with the same attributes, but for their values.
function renewed(old, made) {
  const attributes = [...(made.attributes ?? [])];
  const alike = old.nodeName === made.nodeName && old.childNodes.length === made.childNodes.length && old.attributes?.length === made.attributes?.length;
  if (!alike || !attributes.every(({ name }) => old.hasAttribute(name))) return false;
  if (old.nodeType === Node.TEXT_NODE && old.data !== made.data) old.data = made.data;
  for (const { name, value } of attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  return [...old.childNodes].every((child, i) => renewed(child, made.childNodes[i]));
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
