"""Signals and their newest values, as shapes of the API."""

from collections.abc import Iterator
from typing import Literal

from ward.clock import Micros, format_instant
from web.model.config_view import ConfigView
from web.model.instant import Instant
from web.model.latest_values import Held
from web.model.limits import Sides
from web.schemas import SignalSchema, ValueSchema

SHORTEST_ALLOWED = 8.0  # seconds without a value that every signal is allowed: a bed shows NO DATA within ten
_MISSED = 3  # periods without a value
_STRANGER = 30.0  # seconds, where nobody has said how often a signal comes
_NO_LIMITS = Sides()


def allowed(config_view: ConfigView, device: str, signal: str) -> float:
    """The seconds after which the newest value of a signal is an old one."""
    period = config_view.period(device, signal)
    return max(SHORTEST_ALLOWED, _MISSED * period) if period else _STRANGER


def signal_schema(config_view: ConfigView, name: str) -> SignalSchema:
    """A signal of the catalogue, or one that came under its own name."""
    signal = config_view.signal(name)
    return {
        "signal": signal.name, "label": signal.label, "unit": signal.unit, "display": signal.display,
        "precision": signal.precision, "vital": signal.measurement == "vitals",
    }  # fmt: skip


def value_schemas(
    config_view: ConfigView, device: str, held: Held | None, since: Micros, now: Instant
) -> Iterator[ValueSchema]:
    """The newest value of each signal since it has belonged here, and of each that should have come."""
    place = config_view.inventory.place(device, now.at, held.ward if held else "", held.device_kind if held else "")
    limits = config_view.limits.of(device, place)
    expected = config_view.inventory.expected(device)
    for name in sorted(
        {*expected, *(held.values if held else ()), *(held.doubts if held else ())}, key=config_view.order
    ):
        value = _value(config_view, device, held, name, since, now)
        if name in expected or value["state"] != "never" or value["implausible"] is not None:
            sides = limits.get(name, _NO_LIMITS)
            value["low"], value["high"] = sides.first_low, sides.first_high
            value["beyond"] = _beyond(value["value"], sides)
            yield value


def _value(
    config_view: ConfigView, device: str, held: Held | None, name: str, since: Micros, now: Instant
) -> ValueSchema:
    shape: ValueSchema = {
        "signal": name, "value": None, "text": "", "at": None, "age": None, "state": "never",
        "low": None, "high": None, "beyond": "", "implausible": None,
    }  # fmt: skip
    value = held.values.get(name) if held else None
    if value is not None and value.at >= since:
        age = now.since(value.aged, value.came)
        shape["value"], shape["text"] = value.value, config_view.signal(name).show(value.value)
        shape["at"], shape["age"] = format_instant(value.at), round(age, 1)
        shape["state"] = "live" if age <= allowed(config_view, device, name) else "old"
    doubt = held.doubts.get(name) if held else None
    if doubt is not None and doubt.at >= since and (value is None or doubt.aged > value.aged):
        shape["implausible"] = doubt.value
    return shape


def _beyond(value: float | None, sides: Sides) -> Literal["", "low", "high"]:
    if value is None:
        return ""
    if sides.first_high is not None and value > sides.first_high:
        return "high"
    return "low" if sides.first_low is not None and value < sides.first_low else ""
