"""What was set aside, by reason, with the last examples."""

from collections import Counter, deque

from ward.clock import format_instant
from ward.ids import printable
from ward.wire import QuarantinedMessage
from web.schemas import ExampleSchema

_EXAMPLES = 5
_MOST_REASONS = 50
_SHOWN = 400


class QuarantineIndex:
    """The newest examples of each reason, newest first, and how many came by here."""

    def __init__(self) -> None:
        self._examples: dict[str, deque[ExampleSchema]] = {}
        self.seen: Counter[str] = Counter()

    def take(self, record: QuarantinedMessage) -> None:
        """Fold one in. Reasons are few by design; beyond fifty they share one entry."""
        reason = printable(record.reason, 60)
        if reason not in self._examples and len(self._examples) >= _MOST_REASONS:
            reason = "other"
        self.seen[reason] += 1
        self._examples.setdefault(reason, deque(maxlen=_EXAMPLES)).appendleft(_example(record))

    def examples(self, reason: str) -> list[ExampleSchema]:
        """The last messages set aside for a reason, newest first."""
        return list(self._examples.get(reason, ()))


def _example(record: QuarantinedMessage) -> ExampleSchema:
    return {
        "at": format_instant(record.at),
        "topic": printable(record.topic, 160),
        "stage": printable(record.stage, 60),
        "detail": printable(record.detail, 300),
        "payload": printable(record.payload[: 4 * _SHOWN].decode("utf-8", "backslashreplace"), _SHOWN),
        "bytes": len(record.payload),
    }
