"""A plot as an HTML page that needs nothing else: drawings in SVG, and a table of alerts."""

from collections.abc import Iterator, Sequence
from html import escape

from app.console.output_file import output_file
from app.detect.evaluation import SeriesResult
from app.detect.plots.drawing import drawing
from app.detect.plots.plot import Plot
from app.detect.report import HEAD, alert_cells
from ward.ids import printable

_MOST_ALERTS = 200
_STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 1000px; padding: 0 1em; color: #222; }
svg { width: 100%; height: auto; } h1 { font-size: 1.3em; } h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2em 1em .2em 0; border-bottom: 1px solid #ddd; }
text { font: 11px sans-serif; fill: #444; }
"""


def write_page(plot: Plot, name: str) -> None:
    """Write the page under this name. Raises `InputError`."""
    with output_file(name) as file:
        file.writelines(_lines(plot))


def _lines(plot: Plot) -> Iterator[str]:
    title = escape(f"{printable(plot.title)}: {plot.detector}")
    yield f"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<title>{title}</title>\n<style>{_STYLE}</style>\n"
    yield f"<h1>{title}</h1>\n"
    yield "<p>Above the values, below the scores; the dashed line is the limit. Red: alert. Grey: warming up.</p>\n"
    for result in plot.results:
        if result.curve is not None:
            yield f"<h2>{escape(printable(result.name))}</h2>\n{drawing(result.curve, plot.times)}\n"
        yield from _table(plot, result)
    yield "</html>\n"


def _table(plot: Plot, result: SeriesResult) -> Iterator[str]:
    alerts = result.alerts
    yield f"<p>{alerts.count or 'No'} alert{'s'[: alerts.count != 1]}.</p>\n"
    if not alerts.count:
        return
    yield f"<table>\n{_row('th', HEAD)}"
    for alert in alerts.listed[:_MOST_ALERTS]:
        yield _row("td", alert_cells(alert, plot.times))
    yield "</table>\n"
    if (more := alerts.count - _MOST_ALERTS) > 0:
        yield f"<p>And {more} more.</p>\n"


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>\n"
