"""What the simulation asks of a source of readings, and how one keeps its pace."""

from typing import Protocol

from ward.clock import Micros


class Source(Protocol):
    """Some devices. Times are seconds since the start; `shift` is how far the wall clock was set since then."""

    @property
    def due(self) -> float:
        """When the next of them has something to measure."""
        ...

    def run(self, now: float, shift: Micros) -> int:
        """Measure all that is due, and attend to the network. Returns how much was measured or sent."""
        ...

    def attend(self) -> int:
        """Attend to the network alone, measuring nothing. Returns how much was sent."""
        ...

    def close(self) -> None: ...
