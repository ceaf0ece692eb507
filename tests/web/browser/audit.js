// Faults of the page as it is now, as sentences: what overlaps, what is cut, what has too little contrast. `tiles` beds are
// looked at; where texts are `strange`, longer than any of the product, a tile may cut them.
([tiles, strange]) => {
  const faults = [];
  const visible = (node) => node.checkVisibility({ checkVisibilityCSS: true }) && node.getClientRects().length > 0 && !node.closest(".visually-hidden");
  const named = (node) => `${node.closest(".tile")?.id ?? ""} ${node.tagName}.${node.className} "${node.textContent.slice(0, 40)}"`;
  const box = (node) => node.getBoundingClientRect();
  const lines = (node) => {
    const whole = document.createRange();
    whole.selectNodeContents(node);
    return [...whole.getClientRects()];
  };
  const boxes = (node) => (node.matches(".acknowledgement") ? lines(node) : [box(node)]); // its lines flow around the button
  const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(visible);
  const extent = (node) => {
    const whole = document.createRange();
    const rooms = [...node.childNodes].filter((child) => child.nodeType === 3 || child.nodeType === 1 && visible(child)).map((child) => {
      whole.selectNodeContents(child);
      return child.nodeType === 1 && !child.textContent ? box(child) : whole.getBoundingClientRect();
    });
    return { right: Math.max(...rooms.map(({ right }) => right)), bottom: Math.max(...rooms.map(({ bottom }) => bottom)) };
  };
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} wide, the screen ${innerWidth}`);

  // What decides must be whole, and inside its tile. A strange text ends in an ellipsis: the page of the bed has it whole.
  const LONGEST = 90;
  const deciding = "h2, .priority-text, .tile-alert .text, .tile-alert .acknowledgement, .tile-alert button, .tile-alert .rest, .num, .line, .no-data strong, .no-data span, .lost-note, .score-line .total, .score-line .due";
  for (const tile of all(".tile").slice(0, tiles)) {
    const parts = all(deciding, tile);
    const around = box(tile);
    const alert = tile.querySelector(".tile-alert");
    if (visible(alert) && alert.scrollHeight > alert.clientHeight + 2 && !(strange && alert.textContent.length > 2 * LONGEST)) faults.push(`${named(alert)} is cut`);
    for (const part of parts) {
      const at = box(part);
      const text = extent(part);
      if (at.left < around.left - 1 || at.right > around.right + 1 || at.bottom > around.bottom + 1) faults.push(`${named(part)} leaves its tile`);
      const room = Math.max(5, 0.3 * parseFloat(getComputedStyle(part).fontSize)); // a line box is lower than its glyphs
      if (strange && (part.textContent.length > LONGEST || part.matches("h2") && part.textContent.length > 40)) continue;
      if (text.bottom > at.bottom + room || text.right > at.right + 2) faults.push(`${named(part)} is cut`);
      for (const other of parts) {
        if (part === other || part.contains(other) || other.contains(part)) continue;
        for (const one of boxes(part)) {
          for (const beside of boxes(other)) {
            const wide = Math.min(one.right, beside.right) - Math.max(one.left, beside.left);
            const high = Math.min(one.bottom, beside.bottom) - Math.max(one.top, beside.top);
            if (wide > 1.5 && high > 3.5) faults.push(`${named(part)} overlaps ${named(other)}`);
          }
        }
      }
    }
  }
  // Each text of a page, a panel, a dialog: none lies on another, none leaves its window, none is cut where nothing scrolls.
  const layers = "main, #banners, .head-panel, dialog, #frozen";
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);
  const texts = [];
  for (const node of all(`:is(${layers}) *`)) {
    if (node.closest(".tile, svg, option")) continue;
    const style = getComputedStyle(node);
    const room = Math.max(4, 0.3 * parseFloat(style.fontSize)); // a line box is higher than its glyphs
    for (const child of node.childNodes) {
      if (child.nodeType !== 3 || !child.textContent.trim()) continue;
      for (const { left, right, top, bottom } of lines(child)) if (right - left > 1) texts.push({ node, room, left, right, top, bottom, layer: node.closest(layers) });
    }
  }
  const windows = new Map(); // what clips or scrolls around an element, from the inside out
  const around = (node) => {
    if (!node || node === document.body) return [];
    if (!windows.has(node)) {
      const style = getComputedStyle(node);
      const own = style.overflowX !== "visible" || style.position === "fixed" ? [{ ...box(node).toJSON(), node, scrolls: scrolls(style) }] : [];
      windows.set(node, [...own, ...(style.position === "fixed" ? [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight, node, scrolls: false }] : around(node.parentElement))]);
    }
    return windows.get(node);
  };
  const shown = texts.filter((text) => {
    for (const view of around(text.node)) {
      const beyond = text.right > view.right + 2 || text.left < view.left - 2 || text.bottom > view.bottom + text.room || text.top < view.top - text.room;
      if (!beyond) continue;
      const opens = text.node.matches("summary") && getComputedStyle(text.node).textOverflow === "ellipsis"; // a click shows it whole
      if (!view.scrolls && !opens) faults.push(`${named(text.node)} is cut by ${view.node.tagName}.${view.node.className}`);
      return false; // what is scrolled away is on nothing
    }
    return true;
  }).sort((a, b) => a.top - b.top);
  shown.forEach((text, i) => {
    for (let j = i + 1; j < shown.length && shown[j].top < text.bottom; j += 1) {
      const other = shown[j];
      if (text.node === other.node || text.layer !== other.layer) continue;
      const wide = Math.min(text.right, other.right) - Math.max(text.left, other.left);
      const high = Math.min(text.bottom, other.bottom) - other.top;
      if (wide > 1.5 && high > Math.max(text.room, other.room)) faults.push(`${named(text.node)} lies on ${named(other.node)}`);
    }
  });
  if (innerWidth > 700) {
    const head = all("#head > *");
    const middle = (node) => (box(node).top + box(node).bottom) / 2;
    if (Math.max(...head.map(middle)) - Math.min(...head.map(middle)) > 12) faults.push("the head has two rows");
    head.forEach((node, i) => { if (i && box(node).left < box(head[i - 1]).right - 1) faults.push(`${named(node)} overlaps in the head`); });
  }
  for (const entry of all("nav a, nav summary")) {
    const at = box(entry), around = box(entry.closest("nav"));
    if (at.left < around.left - 1 || at.right > around.right + 1 || at.bottom > around.bottom + 1 || entry.scrollWidth > entry.clientWidth + 1) faults.push(`the menu cuts ${named(entry)}`);
  }

  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => sum + w * (c[i] / 255 <= 0.04045 ? c[i] / 255 / 12.92 : ((c[i] / 255 + 0.055) / 1.055) ** 2.4), 0);
  const grounds = (node) => { // a cover through which the page can be seen is as its own colours
    for (let n = node; n; n = n.parentElement) {
      const style = getComputedStyle(n);
      if (style.backgroundImage.includes("gradient")) return style.backgroundImage.match(/rgba?\([^)]*\)/g).map(rgb);
      const colour = rgb(style.backgroundColor);
      if (colour.length && (colour[3] ?? 1) > 0.99) return [colour];
    }
    return [[255, 255, 255]];
  };
  for (const node of all("body *")) {
    if (node.closest("svg, button:disabled") || ![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    const ink = light(rgb(getComputedStyle(node).color));
    for (const ground of grounds(node).map(light)) {
      const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
      if (contrast < 4.5) faults.push(`${named(node)} has a contrast of ${contrast.toFixed(2)}`);
    }
  }
  return [...new Set(faults)];
}
