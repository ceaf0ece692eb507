"""The port of a source of simulated readings."""

from typing import Protocol

from ward.clock import Micros


class Source(Protocol):
    """Some devices. Times are seconds since the start; `shift` is by how many µs the wall clock was set since then."""

    @property
    def due(self) -> float:
        """When the next device measures."""
        ...

    def run(self, now: float, shift: Micros) -> int:
        """Measure what is due, and exchange messages. Returns how much was measured or sent."""
        ...

    def exchange(self) -> int:
        """Exchange messages without measuring. Returns how many were sent."""
        ...

    def close(self) -> None: ...
