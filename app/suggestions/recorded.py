"""Which alerts of then a change must not miss: those that a person acknowledged, and those that were HIGH."""

from collections.abc import Iterable

from app.backtests.known_episodes import KnownEpisode
from ward.clock import SECOND, Micros
from ward.finding import Severity
from ward.ports import Row, Store
from ward.simulated_past import is_simulated
from ward.tag_text import text_of_tag
from web.reports.alarm_counts import read_alarms


def recorded_to_keep(store: Store, beds: Iterable[str], start: Micros, end: Micros, count: int) -> list[KnownEpisode]:
    """The alerts at these beds that were acknowledged or HIGH, each with its rule as label.

    `count` is the number of all beds. Raises `StoreUnavailable`.
    """
    wanted = set(beds)
    return [
        _episode(row, end) for row in read_alarms(store, "", start, end, count)
        if text_of_tag(row.tags.get("bed", "")) in wanted and not is_simulated(row)
        and (row.fields.get("acknowledged") or row.fields.get("severity") == Severity.HIGH)
    ]  # fmt: skip


def _episode(row: Row, end: Micros) -> KnownEpisode:
    lasted = row.fields.get("duration_s")
    until = row.at + round(lasted * SECOND) if isinstance(lasted, float) else end
    bed, rule = text_of_tag(row.tags.get("bed", "")), text_of_tag(row.tags.get("alertname", ""))
    return KnownEpisode(bed, row.at, until, rule)
