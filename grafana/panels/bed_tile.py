"""A tile of the ward overview: one place of `overview` as a canvas.

Whatever changes, colours included, is bound to a column of the query. Without a row a bound colour becomes its fixed
one. So a tile shows the cover NO DATA *unless* a recent snapshot makes it transparent: no failure can leave an old
tile looking as if there were no alert.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import Panel
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, ValueMapping

from grafana.panels.bed_links import bed_links
from grafana.panels.canvas import CORNER, WHITE, Box, Canvas, Colour, Element
from grafana.panels.colours import CLEAR, LOST_TEXT, NO_DATA, NO_DATA_TEXT, PRIORITIES, null, of_range, value_map
from grafana.panels.stale_cover import stale_cover
from grafana.panels.transformations import only_where
from grafana.queries.influxql import OVERVIEW, Select, field, last_seconds
from grafana.queries.target import DASHBOARD_SOURCE, SharedTarget
from ward.inventory import Bed
from ward.signals import Signal

RECENT = 11  # seconds: two snapshots, and the last second, which is left out
OLD = 15  # seconds after which a number is shown as old
WIDTH, HEIGHT = 466, 182  # pixels of a tile whose texts have the sizes below; a larger tile has larger texts
_NAME, _PRIORITY, _SUMMARY, _SCORES, _LABEL, _VALUE, _AGE = 28, 25, 19, 17, 20, 38, 20
# Pixels: height of the band; top of the scores and of the vital signs; the parts of these.
_BAND, _SCORE_LINE, _VITALS, _LABELS, _AGES = 34, 79, 98, 22, 160
_EMPTY_PLACE = "#111217"
_BEYOND_LIMIT = "rgba(255, 255, 255, 0.16)"  # behind a number beyond its limit: red is only for HIGH
# The colour of the text on the band of each priority, and of the body below the band.
_TEXT_COLOURS = {"medium": "#000000", "low": "#000000"}
_BODIES = {
    "high": "#4a0710", "medium": "#3d3403", "low": "#06343a", "acknowledged": "#2b2208",
    "not evaluated": "#331640", "signal lost": "#331640",
    "no data": "#25104a", "no alert": "#141815", "not monitored": "#141619",
}  # fmt: skip
SHORT = {
    "heart_rate": "HR", "systolic_bp": "SYS", "diastolic_bp": "DIA", "spo2": "SpO₂", "temperature": "Temp",
    "respiratory_rate": "RR",
}  # fmt: skip
_WIDTHS = {"temperature": 1.2, "respiratory_rate": 0.9}  # relative: the widest value of each fits


def bed_tile(
    place: int, vitals: Sequence[Signal], beds: Iterable[Bed], description: str, source: int, canvas: Canvas
) -> Panel:  # fmt: skip
    """The bed at this place, worst first; `source` is the id of the panel whose query result is shown.

    A click on it leads to its dashboard, for each of `beds`.
    """
    panel = Panel().type("canvas").title("").description(description).datasource(DASHBOARD_SOURCE).transparent(True)
    panel = panel.targets([SharedTarget(source)]).no_value("–").transformations([only_where("place", f"{place:02}")])
    panel = panel.options(canvas.options(f"place {place}", list(_elements(place, vitals, canvas))))
    for columns, mapping in _MAPPINGS.items():
        panel = panel.override_by_regexp(f"/^({columns})$/", [DynamicConfigValue("mappings", list(mapping))])
    panel = panel.override_by_regexp("/_age$/", _OF_AGE)
    size = 44 * _scale(canvas)
    panel = panel.override_by_name("beat", [DynamicConfigValue("mappings", [stale_cover(size)])])
    panel = panel.override_by_name("bed", [DynamicConfigValue("mappings", [bed_links(beds)])])
    for vital in vitals:
        label = SHORT.get(vital.name, vital.label)
        panel = panel.override_by_name(vital.name, [DynamicConfigValue("decimals", vital.precision)])
        panel = panel.override_by_name(f"{vital.name}_beyond", [DynamicConfigValue("mappings", _labelled(label))])
    return panel


def places(vitals: Sequence[Signal], ward: str) -> Select:
    """All places in one query: with one query for each, a bed that moves could be shown twice or not at all."""
    columns = ["bed", "bed_name", "priority", "summary", "scores", "beat"]
    for vital in vitals:
        columns += [vital.name, f"{vital.name}_age", f"{vital.name}_beyond"]
    copies = [field("priority", copy) for copy in ("band", "text_colour", "body", "cover", "cover_text_colour")]
    query = Select.of(*map(field, columns), *copies, source="overview", policy=OVERVIEW).where(ward=ward)
    return query.during(last_seconds(RECENT)).group("place").newest(1)


def _by_priority(chosen: Mapping[str, str]) -> ValueMapping:
    return value_map({name: ("", chosen.get(name, WHITE)) for name in PRIORITIES})


# A cover is transparent where there is a bed, dark where the snapshot has no bed at this place, and else violet.
_UNCOVERED = [_by_priority(dict.fromkeys(PRIORITIES, CLEAR)), null(_EMPTY_PLACE)]
# By the names of their columns, as an expression.
_MAPPINGS: Mapping[str, Sequence[ValueMapping]] = {
    "priority|band": [value_map(PRIORITIES)],
    "summary": [value_map({"no alert": (" ", WHITE), "not monitored": (" ", WHITE)})],  # the band shows it
    "scores": [null(WHITE)],  # no rule gives this bed a score
    "text_colour": [_by_priority(_TEXT_COLOURS)],
    "body": [_by_priority(_BODIES)],
    "cover|cover_text_colour": _UNCOVERED,
}
_BY_AGE = {"mode": "absolute", "steps": [{"color": WHITE, "value": None}, {"color": LOST_TEXT, "value": OLD}]}
_OF_AGE = [
    DynamicConfigValue("unit", "suffix:s"), DynamicConfigValue("decimals", 0),
    DynamicConfigValue("thresholds", _BY_AGE), DynamicConfigValue("color", {"mode": "thresholds"}),
    DynamicConfigValue("mappings", [of_range(100, 1e12, LOST_TEXT, "old")]),
]  # fmt: skip


def _labelled(label: str) -> list[ValueMapping]:
    """The label of the vital sign, with an arrow where its value is beyond a limit."""
    sides = {"-1": (f"▼{label}", _BEYOND_LIMIT), "0": (label, CLEAR), "1": (f"▲{label}", _BEYOND_LIMIT)}
    return [value_map(sides), null(CLEAR)]


def _scale(canvas: Canvas) -> float:
    return min(canvas.width / WIDTH, canvas.height / HEIGHT)


def _elements(place: int, vitals: Sequence[Signal], canvas: Canvas) -> Iterator[Element]:
    """From back to front. Heights are shares of the tile; texts are as large as the narrower side allows."""
    size, wide, high = _scale(canvas), canvas.width, canvas.height
    band, line, top = (part / HEIGHT * high for part in (_BAND, _SCORE_LINE, _VITALS))
    on_band = Colour(column="text_colour")
    yield canvas.area("band", Box(0, 0, wide, band), Colour(column="band"))
    yield canvas.value("bed_name", Box(CORNER, 0, 0.5 * wide - CORNER + 20, band), _NAME * size, on_band)
    yield canvas.value(
        "priority", Box(0.5 * wide + 20, 0, 0.48 * wide - 20, band), _PRIORITY * size, on_band, align="right"
    )
    yield canvas.area("body", Box(0, band, wide, high - band), Colour(column="body"))  # covers what is too long above
    text = Box(0.02 * wide, band, 0.96 * wide, line - band)
    yield canvas.value("summary", text, _SUMMARY * size, Colour(WHITE), valign="top")
    yield canvas.area("below", Box(0, line, wide, high - line), Colour(column="body"))  # covers a third line of text
    yield canvas.value("scores", Box(0.02 * wide, line, 0.96 * wide, top - line), _SCORES * size, Colour(WHITE))
    shares = [_WIDTHS.get(vital.name, 1.0) for vital in vitals]
    left = 0.01 * wide
    for vital, share in zip(vitals, shares, strict=True):
        width = 0.98 * wide * share / sum(shares)
        yield from _vital(vital, Box(left, top, width, high - top), canvas)
        left += width
    yield from _cover(place, canvas)
    yield canvas.links("link to the bed", "bed")


def _vital(vital: Signal, box: Box, canvas: Canvas) -> Iterator[Element]:
    """Label, value and age, one below the other in a column of its own."""
    name, age, size = vital.name, Colour(WHITE, f"{vital.name}_age"), _scale(canvas)
    label, ages = _LABELS / HEIGHT * canvas.height, _AGES / HEIGHT * canvas.height
    column = Box(box.left + 0.02 * box.width, box.top, 0.96 * box.width, box.height - 1)
    yield canvas.area(f"{name} beyond", column, Colour(column=f"{name}_beyond"))
    yield canvas.value(f"{name}_beyond", Box(box.left, box.top, box.width, label), _LABEL * size, Colour(WHITE),
                       align="center")  # fmt: skip
    middle = Box(box.left, box.top + label, box.width, ages - box.top - label)
    yield canvas.value(name, middle, _VALUE * size, age, align="center")
    yield canvas.value(f"{name}_age", Box(box.left, ages, box.width, canvas.height - ages), _AGE * size, age,
                       align="center")  # fmt: skip


def _cover(place: int, canvas: Canvas) -> Iterator[Element]:
    colour, size = Colour(WHITE, "cover_text_colour"), _scale(canvas)
    middle, below = canvas.height * 0.2, canvas.height * 0.62
    yield canvas.area("cover", canvas.whole, Colour(NO_DATA, "cover"))
    yield canvas.image("stale cover", "beat")
    yield canvas.words("cover text", NO_DATA_TEXT, Box(0, middle, canvas.width, 2 * middle), 44 * size, colour)
    action = f"place {place}: look at the patient"
    yield canvas.words("cover place", action, Box(0, below, canvas.width, middle), 22 * size, colour)
