"""Curves and last readings from the store, the same for a bed and for a device."""

from collections.abc import Mapping

from ward.clock import SECOND, Clock, Micros, format_instant
from ward.ports import Curve, Store
from ward.retention_policy import DAY
from web.model.config_view import ConfigView
from web.schemas import ColumnsSchema, LastSchema, ReadingsSchema

MOST_LAST = 1000
_MOST_ROWS = 20_000
_MOST_SIGNALS = 30
_BEFORE = 30 * round(DAY) * SECOND


class History:
    """Asks the store. Every question is bounded; answers come in the API's shapes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def readings(
        self,
        config_view: ConfigView,
        where: Mapping[str, str],
        signal: str,
        start: Micros,
        end: Micros,
        every: float | None,
    ) -> ReadingsSchema:
        """One signal over [start, end), with its implausible values apart."""
        known = config_view.signal(signal)
        curve = self._store.curve(known.measurement, signal, where, start, end, every, _MOST_ROWS)
        doubts = self._store.curve("telemetry", f"{signal}_implausible", where, start, end, every, _MOST_ROWS)
        return {
            "signal": signal, "label": known.label, "display": known.display,
            "start": format_instant(start), "end": format_instant(end), "every": every,
            "begins": self._begins(known.measurement, signal, where, curve, start),
            "readings": _columns(curve), "implausible": _columns(doubts),
        }  # fmt: skip

    def _begins(
        self, measurement: str, signal: str, where: Mapping[str, str], curve: Curve, start: Micros
    ) -> str | None:
        """The first reading of a curve, where there was none before the range either."""
        if not curve.at or curve.at[0] <= start:
            return None
        before = self._store.curve(measurement, signal, where, start - _BEFORE, start, DAY)
        return None if before.at else format_instant(curve.at[0])

    def last(
        self, config_view: ConfigView, where: Mapping[str, str], signals: list[str], count: int
    ) -> list[LastSchema]:
        """The newest `count` readings of some signals, newest first, put together by their instants."""
        by_instant: dict[Micros, dict[str, float]] = {}
        for signal in signals[:_MOST_SIGNALS]:
            measurement = config_view.signal(signal).measurement
            for at, value in self._store.last(measurement, signal, where, count):
                by_instant.setdefault(at, {})[signal] = value
        newest = sorted(by_instant, reverse=True)[:count]
        return [{"at": format_instant(at), "values": by_instant[at]} for at in newest]


def _columns(curve: Curve) -> ColumnsSchema:
    return {
        "at": [format_instant(at) for at in curve.at], "mean": list(curve.mean), "low": list(curve.low),
        "high": list(curve.high), "count": list(curve.count),
    }  # fmt: skip
