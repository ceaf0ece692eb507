"""A tile of the ward overview: one place of `overview` as a canvas, the only panel of Grafana with a free layout.

Whatever changes, colours included, is bound to a column of the query. Without a row a bound colour becomes its fixed
one. So a tile shows the cover NO DATA *unless* a recent snapshot makes it transparent: no failure can leave an old
tile looking as if there were no alert.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Panel
from grafana_foundation_sdk.models.dashboard import (
    DashboardRangeMapOptions,
    DashboardSpecialValueMapOptions,
    DynamicConfigValue,
    RangeMap,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMapping,
    ValueMappingResult,
)

from grafana.panels.colours import LOST, NO_DATA, NO_DATA_TEXT, PRIORITIES, value_map
from grafana.panels.stale_cover import stale_cover
from grafana.panels.transformations import only_where
from grafana.queries.influxql import OVERVIEW, Select, field, last_seconds
from grafana.queries.target import DASHBOARD_SOURCE, SharedTarget
from ward.signals import Signal

RECENT = 11  # seconds: two snapshots, and the last second, which is left out
OLD = 15  # seconds after which a number is shown as old
WHITE = "#ffffff"
GREY = "#c3cad1"
_CLEAR = "transparent"
_EMPTY_PLACE = "#111217"
_BEYOND_LIMIT = "rgba(255, 255, 255, 0.30)"  # behind a number beyond its limit: red is only for HIGH
# The colour of the text on the band of each priority, and of the body below the band.
_TEXT_COLOURS = {"medium": "#000000", "low": "#000000", "no alert": "#c9d1c9", "not monitored": GREY}
_BODIES = {
    "high": "#4a0710", "medium": "#3d3403", "low": "#06343a", "acknowledged": "#2b2208",
    "not evaluated": "#331640", "signal lost": "#331640",
    "no data": "#25104a", "no alert": "#141815", "not monitored": "#141619",
}  # fmt: skip
SHORT = {
    "heart_rate": "HR", "systolic_bp": "SYS", "diastolic_bp": "DIA", "spo2": "SpO₂", "temperature": "Temp",
    "respiratory_rate": "RR",
}  # fmt: skip
# Relative widths: three digits fit, also on a phone with 356 pixels.
_WIDTHS = {"systolic_bp": 1.05, "spo2": 1.1, "temperature": 1.25, "respiratory_rate": 0.85}


def bed_tile(place: int, vitals: Sequence[Signal], description: str, source: int) -> Panel:
    """The bed at this place, worst first; `source` is the id of the panel whose query result is shown."""
    panel = Panel().type("canvas").title("").description(description).datasource(DASHBOARD_SOURCE).transparent(True)
    panel = panel.targets([SharedTarget(source)]).no_value("–").transformations([only_where("place", f"{place:02}")])
    panel = panel.options({"inlineEditing": False, "showAdvancedTypes": False, "root": _root(place, vitals)})
    for column, mapping in _MAPPINGS.items():
        panel = panel.override_by_name(column, [DynamicConfigValue("mappings", list(mapping))])
    for vital in vitals:
        label = SHORT.get(vital.name, vital.label)
        panel = panel.override_by_name(vital.name, [DynamicConfigValue("decimals", vital.precision)])
        panel = panel.override_by_name(f"{vital.name}_age", _AGE)
        panel = panel.override_by_name(f"{vital.name}_beyond", [DynamicConfigValue("mappings", _labelled(label))])
    return panel.override_by_name("unacknowledged", [DynamicConfigValue("unit", "suffix: unacknowledged")])


def places(vitals: Sequence[Signal]) -> Select:
    """All places in one query: with one query for each, a bed that moves could be shown twice or not at all."""
    columns = ["bed_name", "priority", "summary", "unacknowledged", "beat"]
    for vital in vitals:
        columns += [vital.name, f"{vital.name}_age", f"{vital.name}_beyond"]
    copies = [field("priority", copy) for copy in ("band", "text_colour", "body", "cover", "cover_text_colour")]
    query = Select.of(*map(field, columns), *copies, source="overview", policy=OVERVIEW).selected("ward")
    return query.during(last_seconds(RECENT)).group("place").newest(1)


def _range(low: float, high: float, colour: str, text: str | None = None) -> ValueMapping:
    result = ValueMappingResult(color=colour, text=text)
    return RangeMap(options=DashboardRangeMapOptions(from_val=low, to=high, result=result))


def _null(colour: str) -> ValueMapping:
    result = ValueMappingResult(text=" ", color=colour)
    options = DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL, result=result)
    return SpecialValueMap(options=options)


def _by_priority(chosen: Mapping[str, str]) -> ValueMapping:
    return value_map({name: ("", chosen.get(name, WHITE)) for name in PRIORITIES})


# A cover is transparent where there is a bed, dark where the snapshot has no bed at this place, and else violet.
_UNCOVERED = [_by_priority(dict.fromkeys(PRIORITIES, _CLEAR)), _null(_EMPTY_PLACE)]
_MAPPINGS: Mapping[str, Sequence[ValueMapping]] = {
    "priority": [value_map(PRIORITIES)],
    "summary": [value_map({"no alert": (" ", WHITE), "not monitored": (" ", WHITE)})],  # the band shows it
    "band": [value_map(PRIORITIES)],
    "text_colour": [_by_priority(_TEXT_COLOURS)],
    "body": [_by_priority(_BODIES)],
    "cover": _UNCOVERED,
    "cover_text_colour": _UNCOVERED,
    "unacknowledged": [_range(0, 0, WHITE, " ")],
    "beat": [stale_cover()],
}
_AGES = {"mode": "absolute", "steps": [{"color": WHITE, "value": None}, {"color": LOST, "value": OLD}]}
_AGE = [
    DynamicConfigValue("unit", "suffix:s"), DynamicConfigValue("decimals", 0), DynamicConfigValue("thresholds", _AGES),
    DynamicConfigValue("color", {"mode": "thresholds"}),
    DynamicConfigValue("mappings", [_range(100, 1e12, LOST, "old")]),
]  # fmt: skip


def _labelled(label: str) -> list[ValueMapping]:
    """The label of the vital sign, with an arrow where its value is beyond a limit."""
    sides = {"-1": (f"▼{label}", _BEYOND_LIMIT), "0": (label, _CLEAR), "1": (f"▲{label}", _BEYOND_LIMIT)}
    return [value_map(sides), _null(_CLEAR)]


def _root(place: int, vitals: Sequence[Signal]) -> dict[str, Any]:
    """The elements from back to front; positions and sizes are in percent of the tile."""
    elements = [
        _box("body", 0, 0, 100, 100, fill=("body", _CLEAR)),
        _box("band", 0, 0, 100, 22, fill=("band", _CLEAR)),
        _text("name", 6, 0, 44, 22, 29, shown="bed_name", colour=("text_colour", _CLEAR)),
        _text("priority", 50, 0, 46, 22, 26, shown="priority", colour=("text_colour", _CLEAR), align="right"),
        _text("summary", 2, 23, 60, 30, 18, shown="summary", colour=("", WHITE), valign="top"),
        _text("unacknowledged", 62, 23, 36, 30, 16, shown="unacknowledged", colour=("", WHITE), align="right",
              valign="top"),
        _box("below", 0, 53, 100, 47, fill=("body", _CLEAR)),  # it covers a third line of the alert text
    ]  # fmt: skip
    shares = [_WIDTHS.get(vital.name, 1.0) for vital in vitals]
    left = 1.5
    for vital, share in zip(vitals, shares, strict=True):
        width = 97 * share / sum(shares)
        elements += _vital(vital, left, width)
        left += width
    return _framed(place, [*elements, *_cover(place)])


def _vital(vital: Signal, left: float, width: float) -> list[dict[str, Any]]:
    name, age = vital.name, (f"{vital.name}_age", GREY)
    return [
        _box(f"{name} beyond", left, 53, width - 1, 46, fill=(f"{name}_beyond", _CLEAR)),
        _text(name, left, 53, width - 1, 30, 32, shown=name, colour=age, align="center"),
        _text(f"{name} label", left + 0.5, 83, width * 0.7, 16, 13, shown=f"{name}_beyond", colour=("", GREY)),
        _text(f"{name} age", left + width * 0.5, 83, width * 0.5 - 1.5, 16, 12, shown=f"{name}_age", colour=age,
               align="right"),
    ]  # fmt: skip


def _cover(place: int) -> list[dict[str, Any]]:
    colour, action = ("cover_text_colour", WHITE), f"place {place}: look at the patient"
    return [
        _box("cover", 0, 0, 100, 100, fill=("cover", NO_DATA)),
        _image("stale cover", "beat"),
        _text("cover text", 0, 20, 100, 40, 44, fixed=NO_DATA_TEXT, colour=colour, align="center"),
        _text("cover place", 0, 62, 100, 20, 18, fixed=action, colour=colour, align="center"),
    ]


def _framed(place: int, elements: list[dict[str, Any]]) -> dict[str, Any]:
    whole = {"top": 0, "left": 0, "width": 100, "height": 100}
    return {
        "type": "frame", "name": f"place {place}", "elements": elements, "placement": whole,
        "constraint": {"horizontal": "left", "vertical": "top"},
        "background": {"color": {"fixed": _CLEAR}}, "border": {"color": {"fixed": _CLEAR}},
    }  # fmt: skip


def _box(name: str, left: float, top: float, width: float, height: float, fill: tuple[str, str]) -> dict[str, Any]:
    config = {"align": "left", "valign": "middle", "color": {"fixed": WHITE}, "text": {"mode": "fixed", "fixed": ""}}
    return _element("rectangle", name, (left, top, width, height), config, _colour(*fill))


def _image(name: str, column: str) -> dict[str, Any]:
    element = _box(name, 0, 0, 100, 100, fill=("", _CLEAR))
    element["background"] |= {"image": {"mode": "field", "field": column, "fixed": ""}, "size": "fill"}
    return element


def _text(
    name: str, left: float, top: float, width: float, height: float, size: int, *, colour: tuple[str, str],
    shown: str = "", fixed: str = "", align: str = "left", valign: str = "middle",
) -> dict[str, Any]:  # fmt: skip
    text = {"mode": "field", "field": shown, "fixed": ""} if shown else {"mode": "fixed", "fixed": fixed}
    config = {"align": align, "valign": valign, "size": size, "color": _colour(*colour), "text": text}
    type_ = "metric-value" if shown else "text"
    return _element(type_, name, (left, top, width, height), config, {"fixed": _CLEAR})


def _element(
    type_: str, name: str, box: tuple[float, float, float, float], config: object, fill: object
) -> dict[str, Any]:
    left, top, width, height = box
    sides = {"left": left, "right": 100 - left - width, "top": top, "bottom": 100 - top - height}
    return {
        "type": type_, "name": name, "config": config,
        "background": {"color": fill}, "border": {"color": {"fixed": _CLEAR}, "width": 0},
        "constraint": {"horizontal": "scale", "vertical": "scale"},
        "placement": {side: round(part, 2) for side, part in sides.items()},
    }  # fmt: skip


def _colour(column: str, fixed: str) -> dict[str, str]:
    return {"field": column, "fixed": fixed} if column else {"fixed": fixed}
