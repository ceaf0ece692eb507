"""What the command prints: how many rows and alerts there are, and the alerts."""

from collections.abc import Sequence
from typing import Any

import click

from app.console.output import print_json
from app.console.table import print_table
from app.detect.alert_list import Alert
from app.detect.evaluation import SeriesResult
from app.detect.reading.times import TimeFormat
from app.detect.row_state import RowState
from ward.ids import printable

HEAD = ("from", "to", "highest score", "at", "value")
_MOST_SHOWN = 50


def print_report(detector: str, rows: int, times: TimeFormat, results: Sequence[SeriesResult], form: str) -> None:
    """Print the alerts of each series as a table, or as JSON."""
    if form == "json":
        series = [_data(result, times) for result in results]
        print_json({"detector": detector, "rows": rows, "series": series})
        return
    for result in results:
        count, scored = result.alerts.count, result.problems.counts[RowState.OK]
        counted = f"{count:,} alert{'s'[: count != 1]}" if count else "no alert"
        click.echo(f"{printable(result.name)}: {counted} in {scored:,} of {rows:,} rows; detector {detector}")
        shown = result.alerts.listed[:_MOST_SHOWN]
        if shown:
            print_table(HEAD, [alert_cells(alert, times) for alert in shown])
        if count > len(shown):
            click.echo(f"and {count - len(shown):,} more")


def alert_cells(alert: Alert, times: TimeFormat) -> tuple[str, ...]:
    """A row of a table of alerts below `HEAD`."""
    show = times.show
    return show(alert.begin), show(alert.end), f"{alert.score:.3f}", show(alert.at), f"{alert.value:.6g}"


def _data(result: SeriesResult, times: TimeFormat) -> dict[str, Any]:
    alerts = [
        {
            "from": times.data(alert.begin), "to": times.data(alert.end), "score": round(alert.score, 9),
            "at": times.data(alert.at), "value": alert.value,
        }
        for alert in result.alerts.listed
    ]  # fmt: skip
    states = {state.words: count for state, count in result.problems.counts.items() if count}
    return {"name": result.name, "states": states, "alert_count": result.alerts.count, "alerts": alerts}
