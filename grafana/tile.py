"""A tile of the wall: one place of `overview` as a canvas, since no other panel of Grafana lays text out freely.

What can be said once is static; everything that changes, colours among it, is bound to a column of the question.
Where the question has no rows, a bound colour falls back to its fixed one: so the cover that says NO DATA is what
a tile looks like *unless* a fresh snapshot makes it transparent, and no failure leaves an old tile that looks current.
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

from grafana import palette
from grafana.influxql import OVERVIEW, Select, field, just
from grafana.palette import PRIORITIES
from grafana.target import PANELS, Shared
from grafana.transform import only_where
from grafana.watch import watch
from ward.signals import Signal

FRESH = 11  # seconds: two snapshots, and the one that is left out
OLD = 15  # seconds after which a number is no longer what the patient has now
WHITE = "#ffffff"
QUIET = "#c3cad1"
_CLEAR = "transparent"
_EMPTY_PLACE = "#111217"
_LIT = "rgba(255, 255, 255, 0.30)"  # behind a number beyond its limit: red is kept for HIGH
# Ink on the band of each priority, and the body below it.
_INKS = {"medium": "#000000", "low": "#000000", "no alert": "#c9d1c9", "not monitored": QUIET}
_BODIES = {
    "high": "#4a0710", "medium": "#3d3403", "low": "#06343a", "acknowledged": "#2b2208", "signal lost": "#331640",
    "no data": "#25104a", "no alert": "#141815", "not monitored": "#141619",
}  # fmt: skip
SHORT = {
    "heart_rate": "HR", "systolic_bp": "SYS", "diastolic_bp": "DIA", "spo2": "SpO₂", "temperature": "Temp",
    "respiratory_rate": "RR",
}  # fmt: skip
# Three digits of one must not run into the next, on a phone's 356 pixels either.
_WIDTHS = {"systolic_bp": 1.05, "spo2": 1.1, "temperature": 1.25, "respiratory_rate": 0.85}


def tile(place: int, vitals: Sequence[Signal], wrong: str, source: int) -> Panel:
    """The bed that is at this place, worst first; from the answer of the panel with the number `source`."""
    panel = Panel().type("canvas").title("").description(wrong).datasource(PANELS).transparent(True)
    panel = panel.targets([Shared(source)]).no_value("–").transformations([only_where("place", f"{place:02}")])
    panel = panel.options({"inlineEditing": False, "showAdvancedTypes": False, "root": _root(place, vitals)})
    for column, mapping in _MAPPINGS.items():
        panel = panel.override_by_name(column, [DynamicConfigValue("mappings", list(mapping))])
    for vital in vitals:
        label = SHORT.get(vital.name, vital.label)
        panel = panel.override_by_name(vital.name, [DynamicConfigValue("decimals", vital.precision)])
        panel = panel.override_by_name(f"{vital.name}_age", _AGE)
        panel = panel.override_by_name(f"{vital.name}_beyond", [DynamicConfigValue("mappings", _labelled(label))])
    return panel.override_by_name("unacknowledged", [DynamicConfigValue("unit", "suffix: not taken")])


def places(vitals: Sequence[Signal]) -> Select:
    """All places in one answer: asked one by one, a bed that moves up would be seen twice or not at all."""
    columns = ["bed_name", "priority", "words", "unacknowledged", "beat"]
    for vital in vitals:
        columns += [vital.name, f"{vital.name}_age", f"{vital.name}_beyond"]
    copies = [field("priority", copy) for copy in ("band", "ink", "body", "cover", "cover_ink")]
    asked = Select.of(*map(field, columns), *copies, source="overview", policy=OVERVIEW).chosen("ward")
    return asked.during(just(FRESH)).group("place").newest(1)


def _range(low: float, high: float, colour: str, text: str | None = None) -> ValueMapping:
    result = ValueMappingResult(color=colour, text=text)
    return RangeMap(options=DashboardRangeMapOptions(from_val=low, to=high, result=result))


def _nothing(colour: str) -> ValueMapping:
    result = ValueMappingResult(text=" ", color=colour)
    options = DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL, result=result)
    return SpecialValueMap(options=options)


def _each(colours: Mapping[str, str]) -> ValueMapping:
    return palette.words({name: ("", colours.get(name, WHITE)) for name in PRIORITIES})


# A cover is clear where there is a bed, dark where the snapshot has no bed for this place, and else as it is: violet.
_UNCOVERED = [_each(dict.fromkeys(PRIORITIES, _CLEAR)), _nothing(_EMPTY_PLACE)]
_MAPPINGS: Mapping[str, Sequence[ValueMapping]] = {
    "priority": [palette.words(PRIORITIES)],
    "words": [palette.words({"no alert": (" ", WHITE), "not monitored": (" ", WHITE)})],  # the band says it
    "band": [palette.words(PRIORITIES)],
    "ink": [_each(_INKS)],
    "body": [_each(_BODIES)],
    "cover": _UNCOVERED,
    "cover_ink": _UNCOVERED,
    "unacknowledged": [_range(0, 0, WHITE, " ")],
    "beat": [watch()],
}
_AGES = {"mode": "absolute", "steps": [{"color": WHITE, "value": None}, {"color": palette.LOST, "value": OLD}]}
_AGE = [
    DynamicConfigValue("unit", "suffix:s"), DynamicConfigValue("decimals", 0), DynamicConfigValue("thresholds", _AGES),
    DynamicConfigValue("color", {"mode": "thresholds"}),
    DynamicConfigValue("mappings", [_range(100, 1e12, palette.LOST, "old")]),
]  # fmt: skip


def _labelled(label: str) -> list[ValueMapping]:
    """Its name, with an arrow where the number is beyond a limit."""
    sides = {"-1": (f"▼{label}", _LIT), "0": (label, _CLEAR), "1": (f"▲{label}", _LIT)}
    return [palette.words(sides), _nothing(_CLEAR)]


def _root(place: int, vitals: Sequence[Signal]) -> dict[str, Any]:
    """From back to front, in parts of a hundred of the tile."""
    elements = [
        _box("body", 0, 0, 100, 100, fill=("body", _CLEAR)),
        _box("band", 0, 0, 100, 22, fill=("band", _CLEAR)),
        _words("name", 6, 0, 56, 22, 29, shown="bed_name", ink=("ink", _CLEAR)),
        _words("priority", 58, 0, 38, 22, 26, shown="priority", ink=("ink", _CLEAR), align="right"),
        _words("words", 2, 23, 72, 30, 18, shown="words", ink=("", WHITE), valign="top"),
        _words("free", 72, 23, 26, 30, 18, shown="unacknowledged", ink=("", WHITE), align="right", valign="top"),
        _box("below", 0, 53, 100, 47, fill=("body", _CLEAR)),  # a third line of words goes under it
    ]
    shares = [_WIDTHS.get(vital.name, 1.0) for vital in vitals]
    left = 1.5
    for vital, share in zip(vitals, shares, strict=True):
        width = 97 * share / sum(shares)
        elements += _vital(vital, left, width)
        left += width
    return _framed(place, [*elements, *_cover(place)])


def _vital(vital: Signal, left: float, width: float) -> list[dict[str, Any]]:
    name, age = vital.name, (f"{vital.name}_age", QUIET)
    return [
        _box(f"{name} beyond", left, 53, width - 1, 46, fill=(f"{name}_beyond", _CLEAR)),
        _words(name, left, 53, width - 1, 30, 32, shown=name, ink=age, align="center"),
        _words(f"{name} label", left + 0.5, 83, width * 0.7, 16, 13, shown=f"{name}_beyond", ink=("", QUIET)),
        _words(f"{name} age", left + width * 0.5, 83, width * 0.5 - 1.5, 16, 12, shown=f"{name}_age", ink=age,
               align="right"),
    ]  # fmt: skip


def _cover(place: int) -> list[dict[str, Any]]:
    ink = ("cover_ink", WHITE)
    return [
        _box("cover", 0, 0, 100, 100, fill=("cover", palette.NO_DATA)),
        _picture("watch", "beat"),
        _words("cover words", 0, 20, 100, 40, 44, said=palette.NO_DATA_WORDS, ink=ink, align="center"),
        _words("cover place", 0, 62, 100, 20, 18, said=f"place {place}: go and look", ink=ink, align="center"),
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


def _picture(name: str, column: str) -> dict[str, Any]:
    made = _box(name, 0, 0, 100, 100, fill=("", _CLEAR))
    made["background"] |= {"image": {"mode": "field", "field": column, "fixed": ""}, "size": "fill"}
    return made


def _words(
    name: str, left: float, top: float, width: float, height: float, size: int, *, ink: tuple[str, str],
    shown: str = "", said: str = "", align: str = "left", valign: str = "middle",
) -> dict[str, Any]:  # fmt: skip
    text = {"mode": "field", "field": shown, "fixed": ""} if shown else {"mode": "fixed", "fixed": said}
    config = {"align": align, "valign": valign, "size": size, "color": _colour(*ink), "text": text}
    kind = "metric-value" if shown else "text"
    return _element(kind, name, (left, top, width, height), config, {"fixed": _CLEAR})


def _element(
    kind: str, name: str, box: tuple[float, float, float, float], config: object, fill: object
) -> dict[str, Any]:
    left, top, width, height = box
    sides = {"left": left, "right": 100 - left - width, "top": top, "bottom": 100 - top - height}
    return {
        "type": kind, "name": name, "config": config,
        "background": {"color": fill}, "border": {"color": {"fixed": _CLEAR}, "width": 0},
        "constraint": {"horizontal": "scale", "vertical": "scale"},
        "placement": {side: round(part, 2) for side, part in sides.items()},
    }  # fmt: skip


def _colour(column: str, fixed: str) -> dict[str, str]:
    return {"field": column, "fixed": fixed} if column else {"fixed": fixed}
