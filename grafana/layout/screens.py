"""The screens on walls, and how the tiles of a ward fill one.

The grid of Grafana is as wide as the window, but its rows are 30 pixels high and texts keep their size. So each size of
screen has an overview of its own, and a tile is laid out for the pixels it has there.
"""

from dataclasses import dataclass
from math import ceil

from grafana.layout.dashboard import COLUMNS
from grafana.panels.bed_tile import HEIGHT, WIDTH

ROW, GAP, PADDING = 30, 8, 16  # pixels of a row of Grafana's grid, between two, and around all
LEAST = 0.58  # of the full size of texts: they can still be read from three metres on a screen 65 cm wide
_ACROSS = (1, 2, 3, 4, 6)  # the ways to divide the width


@dataclass(frozen=True)
class Screen:
    """A size of screen. `name` is the end of the uid of its overviews; `head` is the height of the line of counts."""

    name: str
    title: str
    width: int
    height: int
    head: int

    @property
    def rows(self) -> int:
        """The rows of the grid that it shows without scrolling."""
        return int((self.height - PADDING + GAP) // (ROW + GAP))


SMALL = Screen("small", "1280 or 1366 pixels wide", 1280, 720, 3)
FULL = Screen("", "", 1920, 1080, 3)
LARGE = Screen("large", "3840 pixels wide", 3840, 2160, 6)
SCREENS = (FULL, SMALL, LARGE)


@dataclass(frozen=True)
class Tiles:
    """Tiles of equal size: so many beside each other, each so many rows high."""

    screen: Screen
    across: int
    height: int

    @property
    def columns(self) -> int:
        """The width of a tile in columns of the grid."""
        return COLUMNS // self.across

    @property
    def pixels(self) -> tuple[float, float]:
        """Width and height of a tile."""
        return pixels(self.screen, self.columns, self.height)

    @property
    def scale(self) -> float:
        """The size of the texts in it."""
        wide, high = self.pixels
        return min(wide / WIDTH, high / HEIGHT)

    def visible(self, beds: int) -> int:
        """How many of the tiles the screen shows without scrolling."""
        return min(beds, self.across * ((self.screen.rows - self.screen.head) // self.height))


def pixels(screen: Screen, columns: int, rows: int) -> tuple[float, float]:
    """The size of a panel of so many columns and rows."""
    one = (screen.width - 2 * PADDING + GAP) / COLUMNS
    return one * columns - GAP, rows * (ROW + GAP) - GAP


def tiles(screen: Screen, beds: int) -> Tiles:
    """The largest tiles of which all fit; where all would be too small, the most that can be read, worst first."""
    every = [_tiles(screen, across, beds) for across in _ACROSS]
    readable = [each for each in every if each.scale >= LEAST] or every[:1]
    fitting = [each for each in readable if each.visible(beds) >= beds]
    return max(fitting, key=lambda each: each.scale) if fitting else max(readable, key=lambda each: each.visible(beds))


def _tiles(screen: Screen, across: int, beds: int) -> Tiles:
    """Tiles as high as all of them fit, and at least so high that their texts can be read."""
    least = next(rows for rows in range(1, screen.rows) if rows * (ROW + GAP) - GAP >= LEAST * HEIGHT)
    fits = (screen.rows - screen.head) // max(1, ceil(beds / across))
    highest = next(rows for rows in range(1, 99) if _filled(screen, across, rows))
    return Tiles(screen, across, max(least, min(fits, highest)))


def _filled(screen: Screen, across: int, rows: int) -> bool:
    """Whether a tile of this height could have no larger texts: it is as high as its width allows."""
    wide, high = pixels(screen, COLUMNS // across, rows)
    return high / HEIGHT >= wide / WIDTH
