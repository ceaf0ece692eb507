"""The latest value of each signal of a device, with its age and its limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ward.clock import Micros
from web.model.config_view import ConfigView
from web.model.latest_values import DeviceState, LatestValue
from web.model.limits import SignalLimits
from web.model.now import Now

ValueState = Literal["live", "old", "never"]
Side = Literal["", "low", "high"]

_MIN_OLD_AFTER = 8.0  # seconds, the shortest such time: a bed shows NO DATA within ten seconds
_MISSED_PERIODS = 3
_OLD_AFTER_WITHOUT_PERIOD = 30.0  # seconds, for a signal that has no expected period
_NO_LIMITS = SignalLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalValue:
    """The latest value of a signal, measured at `at`, `age` seconds ago; None where there is none.

    `low` and `high` are the limits that it crosses first, `beyond` says which of them it has crossed. `implausible` is
    a newer value that was rejected.
    """

    signal: str
    value: float | None = None
    at: Micros | None = None
    age: float | None = None
    state: ValueState = "never"
    low: float | None = None
    high: float | None = None
    beyond: Side = ""
    implausible: float | None = None


def signal_values(
    view: ConfigView, device: str, state: DeviceState | None, since: Micros, now: Now
) -> Iterator[SignalValue]:
    """One for each signal that the device has sent since `since`, and for each that the inventory expects of it."""
    place = view.inventory.place(device, now.wall, state.ward if state else "", state.device_kind if state else "")
    limits = view.limits.of(device, place)
    expected = view.inventory.expected(device)
    sent = {*state.values, *state.implausible} if state else set()
    for name in sorted({*expected, *sent}, key=view.order):
        found = _signal_value(view, device, state, name, since, now, limits.get(name, _NO_LIMITS))
        if name in expected or found.state != "never" or found.implausible is not None:
            yield found


def old_after(view: ConfigView, device: str, signal: str) -> float:
    """The seconds after which the latest value of a signal is old."""
    period = view.period(device, signal)
    return max(_MIN_OLD_AFTER, _MISSED_PERIODS * period) if period else _OLD_AFTER_WITHOUT_PERIOD


def is_live(view: ConfigView, device: str, signal: str, latest: LatestValue, now: Now) -> bool:
    """Whether the latest value of a signal is not old."""
    return now.age(latest.age_from, latest.received) <= old_after(view, device, signal)


def _signal_value(
    view: ConfigView, device: str, state: DeviceState | None, name: str, since: Micros, now: Now, limits: SignalLimits
) -> SignalValue:
    latest = state.values.get(name) if state else None
    rejected = state.implausible.get(name) if state else None
    newer = rejected is not None and rejected.at >= since and (latest is None or rejected.age_from > latest.age_from)
    implausible = rejected.value if rejected is not None and newer else None
    low, high = limits.first_low, limits.first_high
    if latest is None or latest.at < since:
        return SignalValue(signal=name, low=low, high=high, implausible=implausible)
    return SignalValue(
        signal=name, value=latest.value, at=latest.at, age=round(now.age(latest.age_from, latest.received), 1),
        state="live" if is_live(view, device, name, latest, now) else "old",
        low=low, high=high, beyond=_beyond(latest.value, low, high), implausible=implausible,
    )  # fmt: skip


def _beyond(value: float, low: float | None, high: float | None) -> Side:
    if high is not None and value > high:
        return "high"
    return "low" if low is not None and value < low else ""
