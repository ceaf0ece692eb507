"""Messages in quarantine: the newest examples by reason."""

from collections import Counter, deque
from typing import NamedTuple

from ward.clock import Micros
from ward.ids import printable
from ward.wire import QuarantinedMessage

_MAX_EXAMPLES = 5
_MAX_REASONS = 50
_MAX_PAYLOAD = 400  # characters of a payload that are shown


class QuarantineExample(NamedTuple):
    """A quarantined message with printable texts; `size` is the length of the whole payload in bytes."""

    at: Micros
    topic: str
    stage: str
    detail: str
    payload: str
    size: int


class QuarantineIndex:
    """The newest examples of each reason, and how many messages of each reason this process has read."""

    def __init__(self) -> None:
        self._examples: dict[str, deque[QuarantineExample]] = {}
        self.counts: Counter[str] = Counter()

    def apply(self, record: QuarantinedMessage) -> None:
        """Add a message. Beyond fifty reasons, further ones share the reason `other`."""
        reason = printable(record.reason, 60)
        if reason not in self._examples and len(self._examples) >= _MAX_REASONS:
            reason = "other"
        self.counts[reason] += 1
        self._examples.setdefault(reason, deque(maxlen=_MAX_EXAMPLES)).appendleft(_example(record))

    def examples(self, reason: str) -> list[QuarantineExample]:
        """The newest messages of a reason, newest first."""
        return list(self._examples.get(reason, ()))


def _example(record: QuarantinedMessage) -> QuarantineExample:
    payload = record.payload[: 4 * _MAX_PAYLOAD].decode("utf-8", "backslashreplace")
    return QuarantineExample(
        record.at, printable(record.topic, 160), printable(record.stage, 60), printable(record.detail, 300),
        printable(payload, _MAX_PAYLOAD), len(record.payload),
    )  # fmt: skip
