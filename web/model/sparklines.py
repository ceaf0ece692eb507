"""The last ten minutes of each vital sign at a bed: the small curve of its tile."""

from collections import deque
from collections.abc import Iterable, Mapping

from ward.clock import SECOND, Micros

LENGTH = 600 * SECOND
_APART = 2 * SECOND  # closer points are not seen in a curve this small


class Sparklines:
    """Points by device and signal, oldest first, bounded in time and number."""

    def __init__(self) -> None:
        self._trails: dict[tuple[str, str], deque[tuple[Micros, float]]] = {}

    def take(self, device: str, at: Micros, values: Mapping[str, float], wanted: Iterable[str]) -> None:
        """Keep the wanted signals of a reading; one older than the last kept is for the store only."""
        for signal in wanted:
            if signal not in values:
                continue
            trail = self._trails.setdefault((device, signal), deque(maxlen=LENGTH // _APART + 1))
            if not trail or at - trail[-1][0] >= _APART:
                trail.append((at, values[signal]))

    def get(self, device: str, signal: str, since: Micros) -> list[tuple[Micros, float]]:
        """The points from `since` on."""
        return [point for point in self._trails.get((device, signal), ()) if point[0] >= since]
