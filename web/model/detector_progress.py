"""Which rules cannot judge a series yet, as the detectors report it once a minute."""

from collections.abc import Iterable
from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.wire import PROGRESS, DetectorCurve

# A report is of now for so long: two more may be missing.
_CURRENT = 190 * SECOND
_MOST = 200_000


class NotYetJudged(NamedTuple):
    """A rule that has no score of a series yet, and why in words, such as `warming up, 12 of 48 values`."""

    device: str
    signal: str
    rule: str
    text: str


class DetectorProgressIndex:
    """The newest report of each rule and series that has no score yet. At most 200,000 are kept."""

    def __init__(self) -> None:
        self._by_device: dict[str, dict[tuple[str, str], tuple[str, Micros]]] = {}
        self._count = 0
        self._forgot_at: Micros = 0

    def apply(self, curve: DetectorCurve) -> None:
        """Apply a report. One without words means that there is a score. When there are too many, those of long ago are
        forgotten, and new ones are ignored."""
        tags = curve.tags
        if not {"device", "signal", "rule"} <= tags.keys():
            return
        if self._count >= _MOST:
            self._forget_old(curve.at)
        of_device, key = self._by_device.get(tags["device"], {}), (tags["signal"], tags["rule"])
        text = curve.fields.get(PROGRESS)
        known = key in of_device
        if isinstance(text, str) and (known or self._count < _MOST):
            self._by_device.setdefault(tags["device"], {})[key] = text, curve.at
            self._count += not known
        elif known and not isinstance(text, str):
            del of_device[key]
            self._count -= 1

    def _forget_old(self, at: Micros) -> None:
        """Forget the reports of long ago, at most as often as they become so."""
        if abs(at - self._forgot_at) < _CURRENT:
            return
        self._forgot_at = at
        for device, reports in list(self._by_device.items()):
            current = {key: report for key, report in reports.items() if abs(at - report[1]) < _CURRENT}
            self._count -= len(reports) - len(current)
            if current:
                self._by_device[device] = current
            else:
                del self._by_device[device]

    def of_devices(self, devices: Iterable[str], now: Micros) -> list[NotYetJudged]:
        """What is not judged yet of some devices; a report of long ago is none."""
        return [
            NotYetJudged(device, signal, rule, text)
            for device in devices
            for (signal, rule), (text, at) in self._by_device.get(device, {}).items()
            if abs(now - at) < _CURRENT
        ]
