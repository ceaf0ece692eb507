"""How long a log keeps its records."""

from dataclasses import dataclass

from ward.topics import BED_READINGS, COMPACTED, READINGS

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class LogRetention:
    """In seconds. Readings are many and also in the store, and those about beds are made from them; all other records
    are few and document what happened."""

    readings: float = 7 * DAY
    others: float = 30 * DAY

    def of(self, topic: str) -> float | None:
        """How long records of a topic are kept; None for compacted topics, where the newest of each key is kept."""
        if topic in COMPACTED:
            return None
        return self.readings if topic in (READINGS, BED_READINGS) else self.others
