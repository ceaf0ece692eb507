"""The imaging suite: humidity at each imaging device, from the partial sums of several workers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ward.wire import Score

NAME = "imaging"


@dataclass(frozen=True, slots=True)
class ImagingDevice:
    """One imaging device, such as MRI-12: the mean of all humidity readings there, in %, how many they were, and
    its loggers, by name."""

    name: str
    humidity: float
    messages: int
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImagingSuite:
    """All imaging devices, the most humid first; all messages, and all sensors."""

    devices: tuple[ImagingDevice, ...]
    messages: int
    sensors: int

    @classmethod
    def merge(cls, scores: Iterable[Score]) -> "ImagingSuite":
        """Add up the parts that workers published; of each part the newest counts, in whatever order they come."""
        newest: dict[tuple[str, str], Score] = {}
        for score in scores:
            if is_part(score):
                key = score.tags["imaging_device"], score.tags["part"]
                if key not in newest or score.at >= newest[key].at:
                    newest[key] = score
        parts: dict[str, list[Score]] = {}
        for (name, _), score in newest.items():
            parts.setdefault(name, []).append(score)
        devices = sorted((_added(name, of) for name, of in parts.items()), key=_dampest)
        return cls(tuple(devices), sum(d.messages for d in devices), sum(len(d.sensors) for d in devices))


def _dampest(device: ImagingDevice) -> tuple[bool, float, str]:
    return math.isnan(device.humidity), -device.humidity if device.messages else 0.0, device.name


def is_part(score: Score) -> bool:
    """Whether a score is such a partial sum, and whole."""
    fields = score.fields
    return (
        score.name == NAME
        and {"imaging_device", "part"} <= score.tags.keys()
        and all(_finite(fields.get(name)) for name in ("sum", "count"))
        and isinstance(fields.get("names"), str)
    )


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _added(name: str, parts: list[Score]) -> ImagingDevice:
    count = sum(float(part.fields["count"]) for part in parts)
    total = sum(float(part.fields["sum"]) for part in parts)
    sensors = {sensor for part in parts for sensor in str(part.fields["names"]).split(",") if sensor}
    return ImagingDevice(name, total / count if count else float("nan"), round(count), tuple(sorted(sensors)))
