"""Codes of devices' own alarms that no mapping has: reported while the device sends them."""

from ward.ids import printable
from ward.metrics import Metrics

MOST_REPORTED = 20  # devices
_LONGEST = 40


class UnknownAlarms:
    """The first unknown code of each device, of at most `MOST_REPORTED` devices, as a metric.

    It stays until the device reports without an unknown code: a device that falls silent does not end it.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._reported: dict[str, str] = {}

    def note(self, device: str, codes: tuple[str, ...] | None) -> None:
        """A device has reported; `codes` are those that its mapping does not have, None where it said nothing."""
        before = self._reported.get(device)
        if codes is None or (before is None and (not codes or len(self._reported) >= MOST_REPORTED)):
            return
        code = _shown(codes[0]) if codes else None
        if code == before:
            return
        if before is not None:
            self._metrics.unknown_alarm_codes.remove(before, device)
            del self._reported[device]
        if code is not None:
            self._reported[device] = code
            self._metrics.unknown_alarm_codes.labels(code, device).set(1)

    def close(self) -> None:
        """What it has reported does not count in the metrics any more."""
        for device, code in self._reported.items():
            self._metrics.unknown_alarm_codes.remove(code, device)
        self._reported = {}


def _shown(code: str) -> str:
    """The code, printable and bounded, without the quotes that would end a label."""
    return printable(code, _LONGEST).translate({ord('"'): "'", ord("\\"): "/"})
