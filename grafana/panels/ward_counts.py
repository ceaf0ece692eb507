"""The line above the tiles: the time of the data, the state of Wardwatch, and counts, each only while it is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import Panel
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, ValueMapping

from grafana.panels.bed_tile import RECENT, places
from grafana.panels.canvas import CORNER, WHITE, Box, Canvas, Colour, Element
from grafana.panels.colours import (
    CLEAR,
    HIGH,
    LOST,
    MEDIUM,
    NO_ALERT,
    NO_DATA,
    NO_DATA_TEXT,
    NOT_EVALUATED,
    null,
    of_range,
)
from grafana.panels.stale_cover import stale_cover
from grafana.panels.transformations import only_query
from grafana.queries.influxql import OVERVIEW, Select, field, last_seconds
from grafana.queries.target import INFLUX_SOURCE, Target
from ward.signals import Signal

_SYSTEM = 0.3  # the share of the width for the state of Wardwatch
_HEIGHT = 106  # pixels of a line whose texts have the sizes below
_TIME, _TEXT, _LABEL, _NUMBER = 32, 18, 17, 40
_BLACK = "#000000"


@dataclass(frozen=True)
class Count:
    """A field of `overview_wards`; its place has this colour unless it is 0."""

    stored: str
    title: str
    colour: str
    meaning: str

    @property
    def text_colour(self) -> str:
        return _BLACK if self.colour == MEDIUM else WHITE


COUNTS = (
    Count("unacknowledged", "Unacknowledged", HIGH, "Alerts that nobody has acknowledged. Above 0: somebody must go."),
    Count("high", "HIGH", HIGH, "Unacknowledged alerts of HIGH priority: go now."),
    Count("medium", "MEDIUM", MEDIUM, "Unacknowledged alerts of MEDIUM priority: go soon."),
    Count(
        "not_evaluated",
        "Not evaluated",
        NOT_EVALUATED,
        "Beds whose readings the detectors do not evaluate now: an alert may be missing.",
    ),
    Count("lost", "Signal lost", LOST, "Beds with a missing signal: look at probe and cable."),
    Count("no_data", "No data", NO_DATA, "Beds without any data: look at the monitor and its network."),
)


def ward_counts(title: str, vitals: Sequence[Signal], ward: str, tiles: int, visible: int, canvas: Canvas) -> Panel:
    """The first panel of an overview. It sends the queries of all panels, and shows the result of the second.

    `tiles` are below it, of which `visible` are on the screen.
    """
    columns = [field("beds"), field("summary"), field("beat")]
    for count in COUNTS:
        columns += [field(count.stored), *(field(count.stored, f"{count.stored}_{part}") for part in ("fill", "text"))]
    columns += [field("beds", copy) for copy in ("cover", "cover_text_colour")]
    counts = Select.of(*columns, source="overview_wards", policy=OVERVIEW).where(ward=ward)
    counts = counts.during(last_seconds(RECENT)).newest(1)
    panel = Panel().type("canvas").title("").description(_description()).datasource(INFLUX_SOURCE).transparent(True)
    panel = (
        panel.targets([Target(places(vitals, ward), "table"), Target(counts, "table", "B")])
        .transformations([only_query("B")])
        .no_value("–")
    )
    panel = panel.options(canvas.options("counts", list(_elements(title, canvas))))
    panel = panel.override_by_name("Time", [DynamicConfigValue("unit", "time:HH:mm:ss")])
    for names, mappings in _mappings(tiles, visible, canvas):
        panel = panel.override_by_regexp(f"/^({names})$/", [DynamicConfigValue("mappings", mappings)])
    return panel


def _description() -> str:
    counts = " ".join(f"*{count.title}*: {count.meaning}" for count in COUNTS)
    return (
        "The time of the data, and the state of Wardwatch. NO DATA: this screen has no current data; look at the "
        f"patients. Advisory: never the only alarm. {counts}"
    )


def _mappings(tiles: int, visible: int, canvas: Canvas) -> Iterator[tuple[str, list[ValueMapping]]]:
    beds = "beds" if visible == tiles else f"beds, worst first: {visible} on this screen, scroll for more"
    missing = f"more beds than the {tiles} tiles here: run wardwatch grafana build"
    yield "beds", [of_range(0, tiles, WHITE, f"{tiles} {beds}"), of_range(tiles, 1e9, WHITE, missing)]
    yield "beat", [stale_cover(_NUMBER * canvas.height / _HEIGHT)]
    yield "cover|cover_text_colour", [of_range(0, 1e9, CLEAR), null(NO_DATA)]
    for count in COUNTS:
        yield f"{count.stored}_fill", [of_range(0, 0, NO_ALERT), of_range(1, 1e9, count.colour), null(NO_DATA)]
        yield f"{count.stored}_text", [of_range(0, 0, WHITE), of_range(1, 1e9, count.text_colour), null(WHITE)]


def _elements(title: str, canvas: Canvas) -> Iterator[Element]:
    size, wide, high = canvas.height / _HEIGHT, canvas.width, canvas.height
    left, third = _SYSTEM * wide, high / 3
    yield canvas.area("system", Box(0, 0, left - 4, high), Colour(NO_ALERT))
    yield canvas.words(
        "ward", title, Box(CORNER, 0, 0.6 * left - CORNER, third), _TEXT * size, Colour(WHITE), align="left"
    )
    yield canvas.value("Time", Box(0.6 * left, 0, 0.37 * left, third), _TIME * size, Colour(WHITE), align="right")
    yield canvas.value("beds", Box(0.02 * left, third, 0.95 * left, third * 0.7), _TEXT * size, Colour(WHITE))
    yield canvas.value("summary", Box(0.02 * left, 1.7 * third, 0.95 * left, 1.3 * third), _TEXT * size, Colour(WHITE),
                       valign="top")  # fmt: skip
    width = (wide - left) / len(COUNTS)
    for place, count in enumerate(COUNTS):
        box, text = Box(left + place * width, 0, width - 4, high), Colour(WHITE, f"{count.stored}_text")
        yield canvas.area(f"{count.stored} fill", box, Colour(NO_DATA, f"{count.stored}_fill"))
        upper, lower = Box(box.left, 0, box.width, 0.4 * high), Box(box.left, 0.4 * high, box.width, 0.55 * high)
        yield canvas.words(f"{count.stored} label", count.title, upper, _LABEL * size, text)
        yield canvas.value(count.stored, lower, _NUMBER * size, text, align="center")
    yield canvas.area("cover", canvas.whole, Colour(NO_DATA, "cover"))
    yield canvas.image("stale cover", "beat")
    yield canvas.words("cover text", f"{NO_DATA_TEXT}: look at the patients", canvas.whole, _NUMBER * size,
                       Colour(WHITE, "cover_text_colour"))  # fmt: skip
