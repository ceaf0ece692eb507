"""Spans that should not overlap, and do."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from ward.inventory import Period

T = TypeVar("T")
_ALWAYS, _NEVER = float("-inf"), float("inf")


def overlaps(spans: Sequence[tuple[Period, T]]) -> Iterator[tuple[T, T]]:
    """Each of `spans` that begins while an earlier one lasts, after that one: (earlier, later)."""
    lasting: tuple[float, T] | None = None
    for span, item in sorted(spans, key=lambda pair: _begin(pair[0])):
        end = _NEVER if span.until is None else span.until
        if lasting is not None and _begin(span) < lasting[0]:
            yield lasting[1], item
        if lasting is None or end > lasting[0]:
            lasting = end, item


def _begin(span: Period) -> float:
    return _ALWAYS if span.since is None else span.since
