// How many columns of tiles a room has: the number with the largest tiles.

export const GAP = 5; // pixels between tiles
const LEAST = { width: 232, height: 152 }; // pixels in which a tile with an alert is complete
const SHAPE = 1.6; // width by height of a tile that fills its room best

/** The columns for `n` tiles in a room, and the least height of a row: where they do not fit, the page scrolls. */
export function columnsFor(n, width, height) {
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST.width + GAP)));
  const sizes = Array.from({ length: most }, (_, i) => size(i + 1, n, width, height)).filter((tile) => tile.height >= LEAST.height);
  if (!sizes.length) return { columns: most, row: LEAST.height };
  const best = sizes.reduce((a, b) => (room(b) > room(a) ? b : a));
  return { columns: best.columns, row: LEAST.height };
}

function size(columns, n, width, height) {
  const rows = Math.max(1, Math.ceil(n / columns));
  return { columns, width: (width - GAP * (columns - 1)) / columns, height: (height - GAP * (rows - 1)) / rows };
}

const room = (tile) => Math.min(tile.width / SHAPE, tile.height);
