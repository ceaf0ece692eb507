"""Curves and last readings from the store, the same for a bed and for a device."""

from collections.abc import Mapping

from ward.clock import SECOND, Clock, Micros
from ward.ports import Curve, Store
from ward.retention_policy import DAY
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import ColumnsSchema, CurveSchema, ReadingSchema

MAX_LAST = 1000
_MAX_ROWS = 20_000
_MAX_SIGNALS = 30
_LOOKBACK = 30 * round(DAY) * SECOND


class History:
    """Queries of the store, each with a limit on rows, as schemas of the API."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def readings(
        self,
        view: ConfigView,
        where: Mapping[str, str],
        signal: str,
        start: Micros,
        end: Micros,
        every: float | None,
    ) -> CurveSchema:
        """One signal over [start, end), implausible values separately. `every`: bucket width in seconds; None: raw."""
        known = view.signal(signal)
        curve = self._store.query_range(known.measurement, signal, where, start, end, every, _MAX_ROWS)
        implausible = self._store.query_range("telemetry", f"{signal}_implausible", where, start, end, every, _MAX_ROWS)
        return {
            "signal": signal, "label": known.label, "display": known.display,
            "start": rfc3339(start), "end": rfc3339(end), "every": every,
            "begins": self._first_reading(known.measurement, signal, where, curve, start),
            "readings": _columns(curve), "implausible": _columns(implausible),
        }  # fmt: skip

    def _first_reading(
        self, measurement: str, signal: str, where: Mapping[str, str], curve: Curve, start: Micros
    ) -> str | None:
        """The first instant of a curve; None when there are readings in the thirty days before `start`."""
        if not curve.at or curve.at[0] <= start:
            return None
        before = self._store.query_range(measurement, signal, where, start - _LOOKBACK, start, DAY)
        return None if before.at else rfc3339(curve.at[0])

    def last(self, view: ConfigView, where: Mapping[str, str], signals: list[str], count: int) -> list[ReadingSchema]:
        """The newest `count` readings of some signals, newest first; values of one instant are one reading."""
        by_instant: dict[Micros, dict[str, float]] = {}
        for signal in signals[:_MAX_SIGNALS]:
            measurement = view.signal(signal).measurement
            for at, value in self._store.last(measurement, signal, where, count):
                by_instant.setdefault(at, {})[signal] = value
        newest = sorted(by_instant, reverse=True)[:count]
        return [{"at": rfc3339(at), "values": by_instant[at]} for at in newest]


def _columns(curve: Curve) -> ColumnsSchema:
    return {
        "at": [rfc3339(at) for at in curve.at], "mean": list(curve.mean), "low": list(curve.low),
        "high": list(curve.high), "count": list(curve.count),
    }  # fmt: skip
