"""How long beds are in alarm."""

from collections.abc import Iterable, Iterator

from app.backtests.episode import Episode
from ward.clock import SECOND, Micros


def minutes_in_alarm(episodes: Iterable[Episode], start: Micros, end: Micros) -> dict[str, float]:
    """For each bed the minutes of [start, end) in which at least one of its alerts was active: from when it was raised.

    Alerts that overlap count once. Alerts at no bed are left out.

    >>> from ward.finding import Severity
    >>> def alert(raised: int, ended: int) -> Episode:
    ...     return Episode("r", "d", "s", "icu", "icu-01", Severity.LOW, 0, raised * SECOND, "", ended * SECOND)
    >>> minutes_in_alarm([alert(0, 120), alert(60, 180), alert(600, 660)], 0, 3600 * SECOND)
    {'icu-01': 4.0}
    """
    spans: dict[str, list[tuple[Micros, Micros]]] = {}
    for episode in episodes:
        if episode.bed:
            until = end if episode.ended_at is None else min(end, episode.ended_at)
            spans.setdefault(episode.bed, []).append((max(start, episode.raised), until))
    return {bed: sum(_lengths(sorted(found))) / (60 * SECOND) for bed, found in sorted(spans.items())}


def _lengths(spans: Iterable[tuple[Micros, Micros]]) -> Iterator[Micros]:
    """The length of each span without what an earlier one covers. They come in order of their beginnings."""
    covered = -(2**63)
    for begin, end in spans:
        yield max(0, end - max(begin, covered))
        covered = max(covered, end)
