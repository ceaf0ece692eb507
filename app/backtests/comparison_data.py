"""A comparison of two configs as JSON data: times in RFC 3339, delays in seconds."""

from collections.abc import Iterable
from typing import Any

from app.backtests.backtest import Backtest
from app.backtests.comparison import Change, Comparison, Pair, median_delay
from app.backtests.comparison_report import comparison_notes
from app.backtests.known_episodes import Detection
from app.backtests.report_data import episodes_data
from ward.clock import format_instant


def comparison_data(test: Backtest, found: Comparison, limit: int) -> dict[str, Any]:
    """What the second config changes; at most `limit` alerts that are gone and new are listed."""
    total = found.total
    return {
        "config": test.replays[1].config.hash, "notes": list(comparison_notes(found)),
        "new": len(found.new), "gone": len(found.gone),
        "alerts_per_bed_day": _two(found.per_bed_day(total.before), found.per_bed_day(total.after)),
        "minutes_per_bed_day": _two(found.per_bed_day(total.minutes_before), found.per_bed_day(total.minutes_after)),
        "rules": _changes("rule", found.rules), "beds": _changes("bed", found.beds),
        "known": _known(found) if found.known else None,
        "new_alerts": episodes_data(found.new[:limit], test.end),
        "gone_alerts": episodes_data(found.gone[:limit], test.end),
    }  # fmt: skip


def _two(before: float | None, after: float | None) -> dict[str, float | None]:
    return {"before": before, "after": after}


def _changes(key: str, changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            key: change.name, "before": change.before, "after": change.after, "new": change.new, "gone": change.gone,
            "minutes_before": change.minutes_before, "minutes_after": change.minutes_after,
        }
        for change in changes
    ]  # fmt: skip


def _known(found: Comparison) -> dict[str, Any]:
    before, after = [pair.before for pair in found.known], [pair.after for pair in found.known]
    return {
        "episodes": len(found.known), "missed": _two(_missed(before), _missed(after)),
        "median_delay": _two(median_delay(before), median_delay(after)), "each": list(map(_pair, found.known)),
    }  # fmt: skip


def _missed(found: Iterable[Detection]) -> int:
    return sum(one.delay is None for one in found)


def _pair(pair: Pair) -> dict[str, Any]:
    known = pair.known
    return {
        "bed": known.bed, "begin": format_instant(known.begin), "end": format_instant(known.end),
        "label": known.label or None, "delay_before": pair.before.delay, "delay_after": pair.after.delay,
    }  # fmt: skip
