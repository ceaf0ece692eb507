"""What was set aside, as points of `quarantine`: examples to look at; the log has all of it, whole."""

from collections.abc import Iterable

from ward.clock import SECOND
from ward.ids import is_id, printable
from ward.ports import Point, Series
from ward.wire import Quarantined

MEASUREMENT = "quarantine"
_SHOWN = 400
# What the archive sets aside because the store refuses it: an example that was refused makes no example.
REFUSED_BY_STORE = f"store/{MEASUREMENT}"


def sample_points(record: Quarantined) -> Iterable[Point]:
    """At most one a second for each stage and reason, the last of it, however many there are: others count them.

    The payload is cut short and escaped: it comes from outside.
    """
    if record.topic == REFUSED_BY_STORE:
        return ()
    series = Series.of(MEASUREMENT, stage=_name(record.stage), reason=_name(record.reason))
    fields: dict[str, float | str] = {
        "topic": printable(record.topic, 160), "detail": printable(record.detail, 300),
        "payload": printable(record.payload[: 4 * _SHOWN].decode("utf-8", "backslashreplace"), _SHOWN),
        "bytes": float(len(record.payload)), "device": record.device if is_id(record.device) else "",
        "ward": record.ward if is_id(record.ward) else "",
    }  # fmt: skip
    return (Point(series, record.at // SECOND * SECOND, fields),)


def _name(text: str) -> str:
    """As a tag, for which stores have no spelling of a backslash."""
    return printable(text, 60).replace("\\", "/")
