"""A comparison of two configs as one HTML page that needs nothing else: no script, no address outside of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.backtests.backtest import Backtest
from app.backtests.comparison import Change, Comparison
from app.backtests.comparison_report import (
    HEAD,
    change_row,
    comparison_notes,
    known_in_order,
    known_row,
    sum_rows,
)
from app.backtests.report import episode_rows, notes
from ward.clock import format_instant


def comparison_page(test: Backtest, found: Comparison, names: Sequence[str], limit: int) -> str:
    """The page. Every text in it is escaped; `limit` bounds the listed alerts of each kind."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )  # fmt: skip
    changes = [
        (title, _change_rows(test, listed, bed=title == "bed"))
        for title, listed in (("rule", found.rules), ("bed", found.beds))
    ]  # fmt: skip
    examples = [
        (title, title.lower(), len(alerts), episode_rows(alerts[:limit], test.config, test.end))
        for title, alerts in (("New", found.new), ("Gone", found.gone))
    ]  # fmt: skip
    return environment.get_template("comparison.html").render(
        names=names, hashes=[replay.config.hash for replay in test.replays], start=format_instant(test.start),
        end=format_instant(test.end), readings=test.readings, bed_days=f"{test.bed_days:.2f}",
        notes=[*notes(test), *comparison_notes(found)], sums=list(sum_rows(found)), changes=changes,
        known=[known_row(pair, test.config) for pair in known_in_order(found)[:limit]], examples=examples, head=HEAD,
    )  # fmt: skip


def _change_rows(test: Backtest, changes: Sequence[Change], *, bed: bool) -> list[dict[str, Any]]:
    """The rows that changed, with the lengths of their bars in percent of the longest."""
    longest = max((max(change.before, change.after) for change in changes), default=0) or 1
    return [
        {
            "cells": change_row(change, test.config, bed=bed), "before": round(100 * change.before / longest, 1),
            "after": round(100 * change.after / longest, 1),
        }
        for change in changes if change.gone or change.new
    ]  # fmt: skip
