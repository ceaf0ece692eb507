"""Samples of refused messages as points of `quarantine`, to look at; the log has all of them, whole."""

from collections.abc import Iterable

from ward.clock import SECOND
from ward.ids import is_id, printable
from ward.ports import Point, Series
from ward.tag_text import tag_text
from ward.wire import QuarantinedMessage

MEASUREMENT = "quarantine"
_SHOWN = 400
# The topic of points that the archive quarantines because the store refuses them. They give no
# sample: else each refused sample would be sampled again.
REFUSED_BY_STORE = f"store/{MEASUREMENT}"


def sample_points(record: QuarantinedMessage) -> Iterable[Point]:
    """A sample of a quarantine record: at most one a second for each stage and reason, the last of that second.

    The payload is of unknown origin, so it is cut short and escaped.
    """
    if record.topic == REFUSED_BY_STORE:
        return ()
    series = Series.of(MEASUREMENT, stage=_tag(record.stage), reason=_tag(record.reason))
    fields: dict[str, float | str] = {
        "topic": printable(record.topic, 160), "detail": printable(record.detail, 300),
        "payload": printable(record.payload[: 4 * _SHOWN].decode("utf-8", "backslashreplace"), _SHOWN),
        "bytes": float(len(record.payload)), "device": record.device if is_id(record.device) else "",
        "ward": record.ward if is_id(record.ward) else "",
    }  # fmt: skip
    return (Point(series, record.at // SECOND * SECOND, fields),)


def _tag(text: str) -> str:
    return tag_text(printable(text, 60))
