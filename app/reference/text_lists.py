"""Texts without fields that are the values of an enumeration or of a table."""

from collections.abc import Iterator
from itertools import chain

from alerts.self_monitoring.texts import CONSEQUENCES
from alerts.text.status import ENDED, NOT_ACKNOWLEDGED
from ward.end_text import ENDS
from ward.reason import Reason
from ward.text_template import TextKind
from web.board.readiness import NEEDED
from web.board.texts import OTHER_PROGRAM, PROGRAM_EFFECTS, SERVICE_EFFECTS


def text_lists() -> Iterator[tuple[TextKind, list[str]]]:
    """(kind, its texts)."""
    yield TextKind.CLOSING, [*ENDED.values(), NOT_ACKNOWLEDGED, *ENDS.values()]
    yield TextKind.REASON, [str(reason) for reason in Reason]
    effects = (SERVICE_EFFECTS, PROGRAM_EFFECTS, CONSEQUENCES, NEEDED)
    yield TextKind.NOTE, list(dict.fromkeys([*chain.from_iterable(map(dict.values, effects)), OTHER_PROGRAM]))
