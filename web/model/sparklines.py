"""The last ten minutes of each vital sign of each device: the small curve of a tile."""

from collections import deque
from collections.abc import Iterable, Mapping

from ward.clock import SECOND, Micros

LENGTH = 600 * SECOND
_MIN_GAP = 2 * SECOND  # closer points are not visible in a curve of this size


class Sparklines:
    """Points (instant, value) by device and signal, oldest first, bounded in time and number."""

    def __init__(self) -> None:
        self._points: dict[tuple[str, str], deque[tuple[Micros, float]]] = {}

    def apply(self, device: str, at: Micros, values: Mapping[str, float], signals: Iterable[str]) -> None:
        """Add a point for each of `signals` that the reading has. Later points are from before the server's clock
        was set back, and are removed."""
        for signal in signals:
            if signal not in values:
                continue
            points = self._points.setdefault((device, signal), deque(maxlen=LENGTH // _MIN_GAP + 1))
            while points and points[-1][0] > at:
                points.pop()
            if not points or at - points[-1][0] >= _MIN_GAP:
                points.append((at, values[signal]))

    def get(self, device: str, signal: str, since: Micros) -> list[tuple[Micros, float]]:
        """The points from `since` on."""
        return [point for point in self._points.get((device, signal), ()) if point[0] >= since]
