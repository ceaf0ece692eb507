"""The imaging suite: humidity at each imaging device, from the partial sums that the detectors publish."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ward.clock import Micros
from ward.wire import DetectorCurve

NAME = "imaging"
_MAX_PARTS = 20_000


@dataclass(frozen=True, slots=True)
class ImagingDevice:
    """One imaging device, such as MRI-12: mean humidity in % over its messages (NaN without one), names of sensors."""

    name: str
    humidity: float
    messages: int
    sensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImagingSuite:
    """All imaging devices, the most humid first, with the numbers of all messages and all sensors."""

    devices: tuple[ImagingDevice, ...]
    messages: int
    sensors: int

    @classmethod
    def merge(cls, curves: Iterable[DetectorCurve]) -> "ImagingSuite":
        """Add up partial sums: the newest of each part, in whatever order they are given."""
        parts: dict[str, list[DetectorCurve]] = {}
        for (name, _), curve in _newest(curves).items():
            parts.setdefault(name, []).append(curve)
        devices = sorted((_added(name, of) for name, of in parts.items()), key=_most_humid_first)
        return cls(tuple(devices), sum(d.messages for d in devices), sum(len(d.sensors) for d in devices))


class ImagingIndex:
    """The newest partial sum of each imaging device and part; `updated` is the instant of the newest of all."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str], DetectorCurve] = {}
        self.updated: Micros = 0

    def apply(self, curve: DetectorCurve) -> None:
        """Apply a partial sum; other curves are ignored, and so are new parts when there are too many.

        The last one in the log is the newest: the clock of the detectors may have been set back.
        """
        if not is_part(curve):
            return
        key = curve.tags["imaging_device"], curve.tags["part"]
        known = self._parts.get(key)
        if known is None and len(self._parts) >= _MAX_PARTS:
            return
        self._parts[key] = curve
        self.updated = curve.at

    def suite(self) -> ImagingSuite:
        """The sums over all parts."""
        return ImagingSuite.merge(self._parts.values())


def is_part(curve: DetectorCurve) -> bool:
    """Whether a curve is a complete partial sum of the imaging suite."""
    fields = curve.fields
    return (
        curve.name == NAME
        and {"imaging_device", "part"} <= curve.tags.keys()
        and all(_finite(fields.get(name)) for name in ("sum", "count"))
        and isinstance(fields.get("names"), str)
    )


def _newest(curves: Iterable[DetectorCurve]) -> dict[tuple[str, str], DetectorCurve]:
    newest: dict[tuple[str, str], DetectorCurve] = {}
    for curve in curves:
        if is_part(curve):
            key = curve.tags["imaging_device"], curve.tags["part"]
            if key not in newest or curve.at >= newest[key].at:
                newest[key] = curve
    return newest


def _most_humid_first(device: ImagingDevice) -> tuple[bool, float, str]:
    return math.isnan(device.humidity), -device.humidity if device.messages else 0.0, device.name


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _added(name: str, parts: list[DetectorCurve]) -> ImagingDevice:
    count = sum(float(part.fields["count"]) for part in parts)
    total = sum(float(part.fields["sum"]) for part in parts)
    sensors = {sensor for part in parts for sensor in str(part.fields["names"]).split(",") if sensor}
    return ImagingDevice(name, total / count if count else float("nan"), round(count), tuple(sorted(sensors)))
