"""The limits of a bed that are other than its ward's, and the person responsible."""

from collections.abc import Iterator, Mapping
from typing import Any

from ward.clock import Micros
from ward.config.rule import Match, Override, Rule
from ward.ids import printable
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import OverrideSchema

_SEVERITIES = ("low", "medium", "high")


def overrides_of(view: ConfigView, bed: str, now: Micros) -> list[OverrideSchema]:
    """Overrides in force for this bed, its devices or its patient. One for a whole ward is the ward's own limit."""
    found: dict[tuple[str, str, Micros | None], list[str]] = {}
    places = [
        (placed.device.id, view.inventory.place(placed.device.id, now)) for placed in view.places.devices(bed, now)
    ]
    for rule in view.config.rules:
        for override in rule.overrides:
            if _narrow(override.where) and any(override.where.matches(*place) for place in places):
                of = found.setdefault((override.why, override.by, override.until), [])
                of += [text for text in _changes(view, rule, override) if text not in of]
    return [
        {"changes": changes, "why": printable(why, 300), "by": printable(by, 80), "until": rfc3339(until)}
        for (why, by, until), changes in found.items()
        if changes
    ]


def _narrow(where: Match) -> bool:
    return bool(where.bed or where.device or where.patient)


def _changes(view: ConfigView, rule: Rule, override: Override) -> Iterator[str]:
    """`SpO2 (hypoxia): HIGH limit 84 % instead of 88 %`, for each setting that differs."""
    name = f"{view.signal(rule.signals[0]).label} ({rule.name})" if len(rule.signals) == 1 else rule.label or rule.name
    unit = view.signal(rule.signals[0]).display if len(rule.signals) == 1 else ""
    for key, value in override.set.items():
        usual = {**rule.params.defaults, **rule.settings}.get(key)
        if value != usual:
            yield f"{name}: {_change(key, value, usual, unit)}"


def _change(key: str, value: Any, usual: Any, unit: str) -> str:
    if key not in _SEVERITIES:
        return f"{key} {_shown(value)} instead of {_shown(usual)}"
    limit = f"{key.upper()} limit"
    before = "none" if usual is None else f"{_shown(usual)} {unit}".strip()
    return (
        f"no {limit} (usual: {before})"
        if value is None
        else f"{limit} {_shown(value)} {unit}".strip() + (f" instead of {before}")
    )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(each)}" for key, each in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else printable(str(value), 100)
