"""The imaging suite: partial sums of each part of the detectors, added up."""

from dataclasses import dataclass
from typing import NamedTuple

from ward.clock import Micros, format_instant
from ward.wire import Score
from web.shapes import ImagingRowShape, ImagingShape

SCORE = "imaging"
_MOST_DEVICES = 2_000


class Partial(NamedTuple):
    """What one part knows of one imaging device: sum of humidities in %, messages, and its sensors."""

    at: Micros
    total: float
    messages: int
    sensors: int
    names: tuple[str, ...]


@dataclass(slots=True)
class _Whole:
    total: float
    messages: int
    sensors: int
    names: list[str]


class Imaging:
    """The newest partial sums by imaging device and part."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, Partial]] = {}
        self.updated: Micros = 0

    def take(self, score: Score) -> None:
        """Fold in a score named `imaging`; others are not meant."""
        device = score.tags.get("imaging_device", "")
        if score.name != SCORE or not device or (device not in self._parts and len(self._parts) >= _MOST_DEVICES):
            return
        parts = self._parts.setdefault(device, {})
        part = score.tags.get("part", "")
        if part not in parts or parts[part].at <= score.at:
            parts[part] = _partial(score)
            self.updated = max(self.updated, score.at)

    def shape(self, now: Micros) -> ImagingShape:
        """Mean humidity by device, highest first; messages; sensors by device by name; sensors."""
        rows = sorted((_row(name, _merge(parts)) for name, parts in self._parts.items()), key=_dampest)
        return {
            "at": format_instant(now),
            "updated": format_instant(self.updated) if self.updated else None,
            "age": max(0.0, (now - self.updated) / 1e6) if self.updated else None,
            "messages": sum(row["messages"] for row in rows),
            "sensors": sum(row["sensors"] for row in rows),
            "devices": rows,
        }


def _dampest(row: ImagingRowShape) -> tuple[bool, float, str]:
    humidity = row["humidity"]
    return humidity is None, -(humidity or 0.0), row["imaging_device"]


def _partial(score: Score) -> Partial:
    names = score.fields.get("names", "")
    listed = str(names).replace(",", " ").split() if isinstance(names, str) else []
    return Partial(
        score.at, _number(score, "sum"), int(_number(score, "count")), int(_number(score, "sensors")), tuple(listed)
    )


def _number(score: Score, name: str) -> float:
    value = score.fields.get(name, 0.0)
    return value if isinstance(value, float | int) else 0.0


def _merge(parts: dict[str, Partial]) -> _Whole:
    """A sensor's messages all go to one part, so that sums, counts and sensors add up."""
    return _Whole(
        sum(part.total for part in parts.values()),
        sum(part.messages for part in parts.values()),
        sum(part.sensors for part in parts.values()),
        sorted({name for part in parts.values() for name in part.names}),
    )


def _row(device: str, whole: _Whole) -> ImagingRowShape:
    return {
        "imaging_device": device,
        "humidity": whole.total / whole.messages if whole.messages else None,
        "messages": whole.messages,
        "sensors": max(whole.sensors, len(whole.names)),
        "names": whole.names,
    }
