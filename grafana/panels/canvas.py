"""The elements of a canvas, the only panel of Grafana with a free layout. Sizes are in pixels of the screen it is for.

An element whose colour or text is bound to a column of the query falls back to its fixed colour, or to no text, without
a row. Positions grow with the panel; text sizes do not, so a panel is made for the size it has on its screen.
"""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from grafana.panels.colours import CLEAR

Element = dict[str, Any]
WHITE = "#ffffff"
_LINE = 1.58  # the height of a line of text in Grafana, by the size of the text
CORNER = 32  # pixels from the left that Grafana's *i* covers at the top of a panel
_UNQUOTED = ":/= '<>"  # allowed inside of `url("…")`


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True)
class Colour:
    """The colour that a column of the query has; `fixed` where there is no column or no row."""

    fixed: str = CLEAR
    column: str = ""

    def options(self) -> dict[str, str]:
        return {"field": self.column, "fixed": self.fixed} if self.column else {"fixed": self.fixed}


@dataclass(frozen=True)
class Canvas:
    """Makes elements for a panel of this size."""

    width: float
    height: float

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def options(self, name: str, elements: list[Element]) -> dict[str, Any]:
        """The options of the panel; the elements are from back to front."""
        whole = {"top": 0, "left": 0, "width": 100, "height": 100}
        root = {
            "type": "frame", "name": name, "elements": elements, "placement": whole,
            "constraint": {"horizontal": "left", "vertical": "top"},
            "background": {"color": {"fixed": CLEAR}}, "border": {"color": {"fixed": CLEAR}},
        }  # fmt: skip
        return {"inlineEditing": False, "showAdvancedTypes": False, "root": root}

    def area(self, name: str, box: Box, fill: Colour) -> Element:
        """An area of one colour."""
        return self._element("rectangle", name, box, {}, fill)

    def value(
        self, column: str, box: Box, size: float, colour: Colour, *, align: str = "left", valign: str = "middle"
    ) -> Element:
        """The value of a column."""
        text = {"mode": "field", "field": column, "fixed": ""}
        return self._text("metric-value", column, box, size, colour, text, align, valign)

    def words(self, name: str, text: str, box: Box, size: float, colour: Colour, *, align: str = "center") -> Element:
        """A fixed text."""
        return self._text("text", name, box, size, colour, {"mode": "fixed", "fixed": text}, align, "middle")

    def image(self, name: str, column: str) -> Element:
        """The icon of the value of a column, over the whole panel."""
        element = self.area(name, self.whole, Colour())
        image = {"mode": "field", "field": column, "fixed": ""}
        element["background"] = {"color": {"fixed": CLEAR}, "image": image, "size": "fill"}
        return element

    def links(self, name: str, column: str) -> Element:
        """The same, as part of the page: a link in it can be clicked. Without an icon nothing is shown."""
        config = {"path": {"mode": "field", "field": column, "fixed": ""}, "fill": {"fixed": CLEAR}}
        return self._element("icon", name, self.whole, config, Colour())

    def _text(
        self, type_: Literal["metric-value", "text"], name: str, box: Box, size: float, colour: Colour, text: object,
        align: str, valign: str,
    ) -> Element:  # fmt: skip
        if valign == "middle":
            box = _as_high_as_a_line(box, size)
        config = {"align": align, "valign": valign, "size": round(size, 1), "color": colour.options(), "text": text}
        return self._element(type_, name, box, config, Colour())

    def _element(self, type_: str, name: str, box: Box, config: object, fill: Colour) -> Element:
        sides = {
            "left": box.left / self.width, "right": 1 - box.right / self.width,
            "top": box.top / self.height, "bottom": 1 - (box.top + box.height) / self.height,
        }  # fmt: skip
        element = {
            "type": type_, "name": name, "config": config,
            "constraint": {"horizontal": "scale", "vertical": "scale"},
            "placement": {side: round(100 * part, 2) for side, part in sides.items()},
        }  # fmt: skip
        # Grafana's own defaults are no border and a background without a colour.
        return element if fill == Colour() else element | {"background": {"color": fill.options()}}


def _as_high_as_a_line(box: Box, size: float) -> Box:
    """The box with the same middle: a line that is higher than its box would hang out below it."""
    height = max(box.height, size * _LINE)
    return Box(box.left, box.top - (height - box.height) / 2, box.width, height)


def svg_address(svg: str) -> str:
    """The address of an image with this text. Grafana recognises an address by a colon and a slash in it."""
    return "data:image/svg+xml," + quote(svg, safe=_UNQUOTED)
