"""How long a log keeps what it has."""

from dataclasses import dataclass

from ward.topics import COMPACTED, READINGS

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """Spans in seconds. Readings are many and also in the store; the rest is little and tells who did what."""

    readings: float = 7 * DAY
    others: float = 30 * DAY

    def of(self, topic: str) -> float | None:
        """How long records of a topic stay, or None where the newest of each key stays for ever."""
        if topic in COMPACTED:
            return None
        return self.readings if topic == READINGS else self.others
