"""Records of what could not be used: each payload whole, with its topic and the reason."""

from bridge.refusal import Refused
from ward.clock import Micros
from ward.ids import is_id, printable
from ward.metrics import Metrics
from ward.wire import QuarantinedMessage

MOST_BYTES = 256 * 1024


class Quarantine:
    """Makes the quarantine records of one stage, `intake` or `archive`, and counts them."""

    def __init__(self, stage: str, metrics: Metrics) -> None:
        self._stage = stage
        self._metrics = metrics

    def record(self, topic: str, payload: bytes, refused: Refused, now: Micros) -> QuarantinedMessage:
        """The record of one refused message. A payload is cut off after 256 KiB."""
        self._metrics.messages_quarantined.labels(self._stage, refused.reason).inc()
        levels = topic.split("/")
        native = len(levels) == 4 and levels[3] in ("readings", "status")
        device = levels[2] if native and is_id(levels[2]) and is_id(levels[1]) else ""
        return QuarantinedMessage(
            topic=printable(topic, 300),
            payload=payload[:MOST_BYTES],
            reason=refused.reason,
            detail=printable(refused.detail, 500),
            at=now,
            stage=self._stage,
            device=device,
            ward=levels[1] if device else "",
        )
