"""A gauge that several parts of a process set."""

import threading
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Gauge


class JoinedGauge(Gauge):
    """Shows the values of all parts joined, such as their sum or the lowest; 0 without parts.

    A bridge with two shares has two connections to the broker: one that is down is not hidden by the other.
    """

    def __init__(
        self, join: Callable[[Iterable[float]], float], name: str, documentation: str, registry: CollectorRegistry
    ) -> None:
        super().__init__(name, documentation, registry=registry)
        self._join = join
        self._parts: dict[object, float] = {}
        self._parts_lock = threading.Lock()

    def set_part(self, part: object, value: float) -> None:
        """Set the value of one part."""
        with self._parts_lock:
            self._parts[part] = value
            self.set(self._join(self._parts.values()))

    def remove_part(self, part: object) -> None:
        """A part has ended."""
        with self._parts_lock:
            self._parts.pop(part, None)
            self.set(self._join(self._parts.values()) if self._parts else 0.0)
