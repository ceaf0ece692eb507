"""Signals and their latest values, as schemas of the API."""

import math

from web.board.signal_values import SignalValue
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import SignalSchema, ValueSchema


def signal_schema(view: ConfigView, name: str) -> SignalSchema:
    """A signal of the catalogue, or one that the catalogue does not have."""
    signal = view.signal(name)
    return {
        "signal": signal.name, "label": signal.label, "unit": signal.unit, "display": signal.display,
        "precision": signal.precision, "vital": signal.measurement == "vitals",
        "scale": None if signal.scale is None else list(signal.scale),
        "observed": signal.observed, "lasting": signal.lasting, "low": _bound(signal.low), "high": _bound(signal.high),
        "codes": [{"value": value, "text": text} for value, text in sorted(signal.codes.items())],
        "other_values": signal.other_values, "caution": signal.caution,
    }  # fmt: skip


def value_schema(view: ConfigView, value: SignalValue) -> ValueSchema:
    """The latest value of a signal."""
    return {
        "signal": value.signal, "value": value.value,
        "text": "" if value.value is None else view.signal(value.signal).show(value.value),
        "at": rfc3339(value.at), "age": value.age, "state": value.state,
        "low": value.low, "high": value.high, "beyond": value.beyond, "implausible": value.implausible,
    }  # fmt: skip


def _bound(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None
