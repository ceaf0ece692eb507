"""The report of a backtest as JSON data: times in RFC 3339, durations in seconds."""

from collections.abc import Iterable
from typing import Any

from app.backtests.backtest import Backtest
from app.backtests.episode import Episode
from app.backtests.episode_collector import only_in
from app.backtests.report import notes
from ward.clock import Micros, format_instant


def report_data(test: Backtest, limit: int, *, compare: bool) -> dict[str, Any]:
    """The alerts (at most `limit`), the sums by rule, and with `compare` the differences to what was recorded."""
    rules = test.replayed.statistics_by_rule
    return {
        "config": test.config.hash, "from": format_instant(test.start), "to": format_instant(test.end),
        "readings": test.readings, "bed_days": test.bed_days, "notes": list(notes(test)),
        "alerts": episodes_data(test.replayed.listed[:limit], test.end),
        "rules": [
            {
                "rule": rule, "alerts": found.count, "at_beds": found.at_beds, "median_duration": found.median,
                "severities": {str(severity): count for severity, count in found.severities.items()},
            }
            for rule, found in sorted(rules.items())
        ],
        "compared": _compared(test, limit) if compare else None,
    }  # fmt: skip


def _compared(test: Backtest, limit: int) -> dict[str, Any] | None:
    """None where there are too many alerts to compare one by one."""
    replayed, recorded = test.replayed, test.recorded
    if replayed.unlisted or recorded.unlisted:
        return None
    new, gone = list(only_in(replayed.listed, recorded.listed)), list(only_in(recorded.listed, replayed.listed))
    return {
        "recorded": sum(found.count for found in recorded.statistics_by_rule.values()), "new": len(new),
        "gone": len(gone), "new_alerts": episodes_data(new[:limit], test.end),
        "gone_alerts": episodes_data(gone[:limit], test.end),
    }  # fmt: skip


def episodes_data(found: Iterable[Episode], end: Micros) -> list[dict[str, Any]]:
    """Alerts as JSON data."""
    return [
        {
            "raised": format_instant(episode.raised), "rule": episode.rule, "device": episode.device,
            "signal": episode.signal, "ward": episode.ward, "bed": episode.bed, "severity": str(episode.severity),
            "duration": episode.duration(end), "ended": episode.ended or None, "text": episode.text,
        }
        for episode in found
    ]  # fmt: skip
