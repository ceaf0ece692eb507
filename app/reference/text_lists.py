"""Texts without fields that are the values of an enumeration or of a table."""

from collections.abc import Iterator

from alerts.text.annotations import ENDS
from alerts.text.headline import ENDED
from ward.reason import Reason
from ward.text_template import TextKind


def text_lists() -> Iterator[tuple[TextKind, list[str]]]:
    """(kind, its texts)."""
    yield TextKind.CLOSING, [*ENDED.values(), *ENDS.values()]
    yield TextKind.REASON, [str(reason) for reason in Reason]
