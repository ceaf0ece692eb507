"""Signals that are not in the catalogue: which of them are stored, and how often they came."""

from collections.abc import Sequence

from prometheus_client import Counter

from ward.ids import is_id, printable
from ward.metrics import Metrics

# Each name becomes a column of the store, which has room for some hundreds. A device that invents names costs no other
# device one of its own.
MOST_OF_A_DEVICE = 200
MOST_OF_UNREGISTERED = 300  # of all unregistered devices together
_MOST_LABELS = 200  # names that are counted one by one
_OTHERS = "(others)"


class UnknownSignals:
    """The names that each device has used. Names of unregistered devices also count together."""

    def __init__(self, metrics: Metrics) -> None:
        self._of_device: dict[str, set[str]] = {}
        self._of_unregistered: set[str] = set()
        self._values = metrics.values_of_unknown_signals
        self._counters: dict[str, Counter] = {}

    def refusals(self, device: str, names: Sequence[str], *, registered: bool) -> dict[str, str]:
        """Of these names those whose values cannot be stored, each with the reason."""
        known = self._of_device.setdefault(device, set())
        refused = {} if known.issuperset(names) else self._refused(known, names, registered=registered)
        for name in names:
            self._counter(_OTHERS if name in refused else name).inc()
        return refused

    def forget(self, device: str) -> None:
        """Forget what a device has used."""
        self._of_device.pop(device, None)

    def _refused(self, known: set[str], names: Sequence[str], *, registered: bool) -> dict[str, str]:
        refused = {}
        for name in names:
            if name not in known and (why := self._bound(known, name, registered=registered)):
                refused[name] = why
            else:
                known.add(name)
        return refused

    def _bound(self, known: set[str], name: str, *, registered: bool) -> str:
        """Why a new name of a device cannot be stored; empty where it can."""
        if not is_id(name):
            return f"{printable(name, 64)!r} is not the name of a signal"
        if len(known) >= MOST_OF_A_DEVICE:
            return f"{name} is not in the catalogue, and {MOST_OF_A_DEVICE} others of this device are not either"
        if not registered and name not in self._of_unregistered:
            if len(self._of_unregistered) >= MOST_OF_UNREGISTERED:
                most = f"{MOST_OF_UNREGISTERED} others of unregistered devices"
                return f"{name} is not in the catalogue, and {most} are not either"
            self._of_unregistered.add(name)
        return ""

    def _counter(self, name: str) -> Counter:
        found = self._counters.get(name)
        if found is None:
            label = name if len(self._counters) < _MOST_LABELS else _OTHERS
            found = self._counters[label] = self._values.labels(label)
        return found
