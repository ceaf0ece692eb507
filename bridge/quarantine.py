"""Records of what could not be used: each payload whole, with its topic and the reason."""

from collections.abc import Sequence

from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from ward.clock import Micros
from ward.ids import is_id, printable
from ward.metrics import Metrics
from ward.wire import QuarantinedMessage

MOST_BYTES = 256 * 1024
MOST_DETAILS = 20  # refused readings of a message that its record lists


class Quarantine:
    """Makes the quarantine records of one stage, `intake` or `archive`, and counts them."""

    def __init__(self, stage: str, metrics: Metrics) -> None:
        self._stage = stage
        self._metrics = metrics

    def record(
        self, topic: str, payload: bytes, refused: Sequence[Refused], now: Micros,
        incomplete: Sequence[DecodedReading] = (),
    ) -> QuarantinedMessage:  # fmt: skip
        """The one record of a message of which some readings are refused, and some accepted without some values.

        A payload is cut off after 256 KiB.
        """
        for one in refused:
            self._metrics.messages_quarantined.labels(self._stage, one.reason).inc()
        self._metrics.values_quarantined.inc(sum(len(decoded.refused) for decoded in incomplete))
        details = [one.detail for one in refused] + [decoded.refused_text() for decoded in incomplete]
        ward, device = _native_ids(topic)
        devices = {one.device for one in refused} | {decoded.device for decoded in incomplete}
        devices -= {""}
        return QuarantinedMessage(
            topic=printable(topic, 300),
            payload=payload[:MOST_BYTES],
            reason=refused[0].reason if refused else RefusalReason.VALUE,
            detail=printable("; ".join(details[:MOST_DETAILS]), 500),
            at=now,
            stage=self._stage,
            device=device or (devices.pop() if len(devices) == 1 else ""),
            ward=ward,
        )


def _native_ids(topic: str) -> tuple[str, str]:
    """(ward, device) in a topic of our own; empty in any other."""
    levels = topic.split("/")
    native = (
        len(levels) == 4
        and levels[3] in ("readings", "status", "observations")
        and is_id(levels[1])
        and is_id(levels[2])
    )
    return (levels[1], levels[2]) if native else ("", "")
