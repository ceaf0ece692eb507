"""The imaging suite, as the detectors' partial sums tell it."""

import math

from ward.clock import Micros, format_instant
from ward.ids import printable
from ward.wire import Score
from web.model.imaging_suite import ImagingDevice, ImagingSuite, is_part
from web.schemas import ImagingRowSchema, ImagingSchema

_MOST_PARTS = 20_000


class Imaging:
    """The newest partial sums by imaging device and part."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, str], Score] = {}
        self.updated: Micros = 0

    def take(self, score: Score) -> None:
        """Fold a partial sum in; other scores are not meant. Beyond a bound no further devices are taken."""
        if not is_part(score):
            return
        key = score.tags["imaging_device"], score.tags["part"]
        known = self._parts.get(key)
        if known is None and len(self._parts) >= _MOST_PARTS:
            return
        if known is None or known.at <= score.at:
            self._parts[key] = score
            self.updated = max(self.updated, score.at)

    def shape(self, now: Micros) -> ImagingSchema:
        """Mean humidity by device, highest first; messages; sensors by device by name; sensors."""
        suite = ImagingSuite.merge(self._parts.values())
        return {
            "at": format_instant(now),
            "updated": format_instant(self.updated) if self.updated else None,
            "age": max(0.0, (now - self.updated) / 1e6) if self.updated else None,
            "messages": suite.messages,
            "sensors": suite.sensors,
            "devices": [_row(device) for device in suite.devices],
        }


def _row(device: ImagingDevice) -> ImagingRowSchema:
    return {
        "imaging_device": printable(device.name, 80),
        "humidity": None if math.isnan(device.humidity) else device.humidity,
        "messages": device.messages,
        "sensors": len(device.sensors),
        "names": [printable(name, 80) for name in device.sensors],
    }
