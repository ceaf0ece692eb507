"""Instants of one device, each given once: a point of the store is known by its series and its instant."""

from array import array

from ward.clock import Micros

REMEMBERED = 256  # instants: so many readings may pass between two that are out of order and have the same time


class DistinctInstants:
    """Remembers the last instants of a device, and finds free ones."""

    def __init__(self) -> None:
        self._latest: Micros = 0
        self._given = array("q")
        self._next = 0

    def free(self, wanted: Micros) -> Micros:
        """The first instant from the wanted one on that was not given before, as far as that is remembered."""
        if wanted <= self._latest and wanted in self._given:
            given = set(self._given)  # many readings with one time walk through all of them
            while wanted in given:
                wanted += 1
        self.remember(wanted)
        return wanted

    def remember(self, at: Micros) -> None:
        """An instant has been given."""
        if at > self._latest:
            self._latest = at
        if len(self._given) < REMEMBERED:
            self._given.append(at)
        else:
            self._given[self._next] = at
            self._next = (self._next + 1) % REMEMBERED
