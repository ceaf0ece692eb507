"""A tile of the wall: one place of `wall` as a canvas, since no other panel of Grafana lays text out freely.

What can be said once is static; everything that changes, colours among it, is bound to a column of the question.
Where the question has no rows, a bound colour falls back to its fixed one: so the cover that says NO DATA is what
a tile looks like *unless* a fresh snapshot makes it transparent, and no failure can leave an old tile looking fine.
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
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from grafana import palette
from grafana.influxql import RAW, Select, field, just
from grafana.palette import NEEDS
from grafana.target import SOURCE, Target
from ward.signals import Signal

FRESH = 10  # seconds: two snapshots; a tile that is not renewed goes violet at the next refresh after it
OLD = 15  # seconds after which a number is no longer what the patient has now
WHITE = "#ffffff"
QUIET = "#9aa3ad"
_CLEAR = "transparent"
# Ink on the band of each need, and the body below it.
_INKS = {"medium": "#000000", "low": "#000000", "fine": "#c9d1c9", "not monitored": QUIET}
_BODIES = {
    "high": "#4a0710", "medium": "#3d3403", "low": "#06343a", "acknowledged": "#2b2208", "signal lost": "#331640",
    "no data": "#25104a", "fine": "#141815", "not monitored": "#141619",
}  # fmt: skip
_SHORT = {
    "heart_rate": "HR", "systolic_bp": "SYS", "diastolic_bp": "DIA", "spo2": "SpO₂", "temperature": "Temp",
    "respiratory_rate": "RR",
}  # fmt: skip


def tile(place: int, vitals: Sequence[Signal], wrong: str) -> Panel:
    """The bed that is at this place, worst first."""
    panel = Panel().type("canvas").title("").description(wrong).datasource(SOURCE).transparent(True)
    panel = panel.targets([Target(_bed(place, vitals), "table"), Target(_beds(), "table", "B")]).no_value("–")
    panel = panel.options({"inlineEditing": False, "showAdvancedTypes": False, "root": _root(place, vitals)})
    for column, mapping in _mappings(place).items():
        panel = panel.override_by_name(column, [DynamicConfigValue("mappings", list(mapping))])
    for vital in vitals:
        panel = panel.override_by_name(vital.name, [DynamicConfigValue("decimals", vital.precision)])
        panel = panel.override_by_name(
            f"{vital.name}_age", [DynamicConfigValue("unit", "s"), DynamicConfigValue("decimals", 0),
                                  DynamicConfigValue("thresholds", _AGES),
                                  DynamicConfigValue("color", {"mode": "thresholds"})])  # fmt: skip
        panel = panel.override_by_name(f"{vital.name}_beyond", [DynamicConfigValue("mappings", _BEYOND)])
    return panel


def _bed(place: int, vitals: Sequence[Signal]) -> Select:
    """One snapshot as a whole: never a number of one and a name of another."""
    columns = ["bed_name", "need", "words", "unacknowledged"]
    for vital in vitals:
        columns += [vital.name, f"{vital.name}_age", f"{vital.name}_beyond"]
    copies = [field("need", "band"), field("need", "ink"), field("need", "body")]
    asked = Select.of(*map(field, columns), *copies, source="wall", policy=RAW).chosen("ward")
    return asked.where(place=f"{place:02}").during(just(FRESH)).newest(1)


def _beds() -> Select:
    """How many beds there are: a place beyond them is empty, which is not the same as unknown."""
    asked = Select.of(field("beds", "cover"), field("beds", "cover_ink"), source="wall_wards", policy=RAW)
    return asked.chosen("ward").during(just(FRESH)).newest(1)


def _mappings(place: int) -> Mapping[str, Sequence[ValueMapping]]:
    needs = {name: (word, colour) for name, (word, colour) in NEEDS.items()}
    empty = {"cover": "#0b0c0e", "cover_ink": _CLEAR}
    covers = {
        column: [_range(place, 10_000, _CLEAR), _range(-1, place - 0.5, colour)] for column, colour in empty.items()
    }
    return {
        "need": [palette.words(needs)],
        "band": [palette.words(needs)],
        "ink": [palette.words({name: ("", _INKS.get(name, WHITE)) for name in NEEDS})],
        "body": [palette.words({name: ("", _BODIES[name]) for name in NEEDS})],
        "unacknowledged": [_range(0, 0, _CLEAR, " "), _range(1, 99, WHITE)],
        **covers,
    }


def _range(low: float, high: float, colour: str, text: str | None = None) -> ValueMapping:
    result = ValueMappingResult(color=colour, text=text)
    return RangeMap(options=DashboardRangeMapOptions(from_val=low, to=high, result=result))


_AGES = {"mode": "absolute", "steps": [{"color": WHITE, "value": None}, {"color": palette.LOST, "value": OLD}]}
_BEYOND: list[ValueMapping] = [
    ValueMap(
        options={
            "-1": ValueMappingResult(text="▼", color="#d1001f", index=0),
            "0": ValueMappingResult(text="", color=_CLEAR, index=1),
            "1": ValueMappingResult(text="▲", color="#d1001f", index=2),
        }
    ),
    SpecialValueMap(
        options=DashboardSpecialValueMapOptions(
            match=SpecialValueMatch.NULL_AND_NAN, result=ValueMappingResult(text="", color=_CLEAR)
        )
    ),
]


def _root(place: int, vitals: Sequence[Signal]) -> dict[str, Any]:
    """From back to front, in parts of a hundred of the tile."""
    elements = [
        _box("body", 0, 0, 100, 100, fill=("body", _CLEAR)),
        _box("band", 0, 0, 100, 25, fill=("band", _CLEAR)),
        _words("name", 2, 0, 50, 25, 30, shown="bed_name", ink=("ink", _CLEAR)),
        _words("need", 48, 0, 50, 25, 26, shown="need", ink=("ink", _CLEAR), align="right"),
        _words("words", 2, 26, 96, 25, 18, shown="words", ink=("", WHITE), align="left"),
    ]
    width = 96 / len(vitals)
    for i, vital in enumerate(vitals):
        left = 2 + i * width
        label = _SHORT.get(vital.name, vital.label)
        elements += [
            _box(f"{vital.name} beyond", left, 53, width - 1, 31, fill=(f"{vital.name}_beyond", _CLEAR)),
            _words(vital.name, left, 53, width - 1, 31, 38, shown=vital.name, ink=(f"{vital.name}_age", QUIET),
                   align="center"),
            _words(f"{vital.name} label", left, 84, width / 2, 15, 15, said=label, ink=("", QUIET)),
            _words(f"{vital.name} age", left + width / 2 - 1, 84, width / 2, 15, 15, shown=f"{vital.name}_age",
                   ink=(f"{vital.name}_age", QUIET), align="right"),
        ]  # fmt: skip
    elements += [
        _box("cover", 0, 0, 100, 100, fill=("cover", palette.NO_DATA)),
        _words("cover words", 0, 20, 100, 40, 44, said=palette.NO_DATA_WORDS, ink=("cover_ink", WHITE), align="center"),
        _words("cover place", 0, 62, 100, 20, 18, said=f"place {place}: go and look", ink=("cover_ink", WHITE),
               align="center"),
    ]  # fmt: skip
    whole = {"top": 0, "left": 0, "width": 100, "height": 100}
    return {
        "type": "frame", "name": f"place {place}", "elements": elements, "placement": whole,
        "constraint": {"horizontal": "left", "vertical": "top"},
        "background": {"color": {"fixed": _CLEAR}}, "border": {"color": {"fixed": _CLEAR}},
    }  # fmt: skip


def _box(name: str, left: float, top: float, width: float, height: float, fill: tuple[str, str]) -> dict[str, Any]:
    config = {"align": "left", "valign": "middle", "color": {"fixed": WHITE}, "text": {"mode": "fixed", "fixed": ""}}
    return _element("rectangle", name, (left, top, width, height), config, _colour(*fill))


def _words(
    name: str, left: float, top: float, width: float, height: float, size: int, *, ink: tuple[str, str],
    shown: str = "", said: str = "", align: str = "left",
) -> dict[str, Any]:  # fmt: skip
    text = {"mode": "field", "field": shown, "fixed": ""} if shown else {"mode": "fixed", "fixed": said}
    config = {"align": align, "valign": "middle", "size": size, "color": _colour(*ink), "text": text}
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
