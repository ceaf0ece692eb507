"""Which overrides have ended, and when the next one ends."""

from ward.clock import Micros, format_instant
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector


class OverrideExpiry:
    """Checks each override. One that has ended is not applied, and a warning is added.

    `ended` lists those that have ended, `next` is when the next one ends (microseconds since 1970).
    """

    def __init__(self, now: Micros, faults: FaultCollector) -> None:
        self._now = now
        self._faults = faults
        self.ended: list[str] = []
        self.next: Micros | None = None

    def applies(self, until: Micros | None, document: Document, path: KeyPath) -> bool:
        """Whether an override that ends at `until` still applies; `path` is the place of its `until`."""
        if until is None:
            return True
        if until > self._now:
            self.next = until if self.next is None else min(self.next, until)
            return True
        self.ended.append(f"{document.file.rpartition('/')[2]}{path}")
        words = f"this override ended at {format_instant(until)} and is not applied: remove it, or give it a new end"
        self._faults.add(document, path, words, warning=True)
        return False
