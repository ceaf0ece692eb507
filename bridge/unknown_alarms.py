"""Codes of devices' own alarms that no mapping has: reported while the device sends them."""

from ward.ids import printable
from ward.metrics import Metrics

MOST_REPORTED = 20  # devices; as many places more are for registered ones, since ids can be invented
_LONGEST = 40


class UnknownAlarms:
    """One unknown code of each device as a metric, of a bounded number of devices; the rest is counted.

    It stays until the device reports without it: a device that falls silent does not end it.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._reported: dict[str, str] = {}

    def note(self, device: str, codes: tuple[str, ...] | None, *, registered: bool = False) -> None:
        """A device has reported; `codes` are those that its mapping does not have, None where it said nothing."""
        if codes is None:
            return
        before, shown = self._reported.get(device), [_shown(code) for code in codes]
        if before in shown:
            return
        if before is not None:
            self._metrics.unknown_alarm_codes.remove(before, device)
            del self._reported[device]
        if shown and len(self._reported) >= MOST_REPORTED * (1 + registered):
            self._metrics.unknown_alarm_codes_not_shown.inc()
        elif shown:
            self._reported[device] = shown[0]
            self._metrics.unknown_alarm_codes.labels(shown[0], device).set(1)

    def close(self) -> None:
        """What it has reported does not count in the metrics any more."""
        for device, code in self._reported.items():
            self._metrics.unknown_alarm_codes.remove(code, device)
        self._reported = {}


def _shown(code: str) -> str:
    """The code, printable and bounded, without the quotes that would end a label."""
    return printable(code, _LONGEST).translate({ord('"'): "'", ord("\\"): "/"})
