"""Signals that are not in the catalogue: which of them are stored, and how often they came."""

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
        self._metrics = metrics
        self._of_device: dict[str, set[str]] = {}
        self._of_unregistered: set[str] = set()
        self._labels: set[str] = set()

    def refusal(self, device: str, name: str, *, registered: bool) -> str:
        """Why a value of this name cannot be stored; empty where it can."""
        if not is_id(name):
            return f"{printable(name, 64)!r} is not the name of a signal"
        names = self._of_device.setdefault(device, set())
        refusal = "" if name in names else self._bound(names, name, registered=registered)
        if not refusal:
            names.add(name)
        self._count(name if not refusal else _OTHERS)
        return refusal

    def forget(self, device: str) -> None:
        """Forget what a device has used."""
        self._of_device.pop(device, None)

    def _bound(self, names: set[str], name: str, *, registered: bool) -> str:
        if len(names) >= MOST_OF_A_DEVICE:
            return f"{name} is not in the catalogue, and {MOST_OF_A_DEVICE} others of this device are not either"
        if not registered and name not in self._of_unregistered:
            if len(self._of_unregistered) >= MOST_OF_UNREGISTERED:
                most = f"{MOST_OF_UNREGISTERED} others of unregistered devices"
                return f"{name} is not in the catalogue, and {most} are not either"
            self._of_unregistered.add(name)
        return ""

    def _count(self, name: str) -> None:
        if len(self._labels) < _MOST_LABELS:
            self._labels.add(name)
        self._metrics.values_of_unknown_signals.labels(name if name in self._labels else _OTHERS).inc()
