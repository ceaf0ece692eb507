"""The subject of a message about several alerts: the first in one line, how many more there are, and which."""

from collections.abc import Sequence

from alerts.text import texts
from alerts.text.limits import shorten


def subject_of(
    first: str, others: Sequence[str], brief: Sequence[str], count: int, room: int, *, over: bool = False
) -> str:
    """The line of the first alert and, in what is left of `room` characters, those of the `count` others.

    `others` are the lines of the gravest of these, in order, and `brief` say less of the same: for where there is no
    room for all lines. What is not named is counted, and no count is ever cut off. `over`: all of them have ended.
    """
    more = with_more(first, count, over=over)
    candidates = [_named(more, others, count - len(others))] if others else []
    candidates += [_named(more, brief[:named], count - named) for named in range(len(brief), 0, -1)]
    cut = with_more(shorten(first, max(0, room - len(more) + len(first))), count, over=over)[:room]
    return next((text for text in candidates if len(text) <= room), cut)


def with_more(first: str, count: int, *, over: bool = False) -> str:
    """`… and 2 more alerts`, `ended too` where all are over; the text alone where there are none."""
    if not count:
        return first
    one, several = (texts.ONE_MORE_ENDED, texts.MORE_ENDED) if over else (texts.ONE_MORE, texts.MORE)
    return one(first=first) if count == 1 else several(first=first, count=count)


def _named(more: str, others: Sequence[str], rest: int) -> str:
    named = "; ".join(others)
    return texts.SUBJECT_CUT(more=more, others=named, count=rest) if rest else texts.SUBJECT(more=more, others=named)
