"""The table of quality, for a terminal and for its page."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from quality.row import Row

HEAD = ("what", "ours", "wanted", "published", "", "note")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def print_table(rows: Sequence[Row]) -> None:
    """Print all rows, those of each part together, as wide as a terminal of 180 columns."""
    table = Table(box=SIMPLE_HEAD)
    for name in ("part", *HEAD):
        table.add_column(name)
    for row in rows:
        table.add_row(row.part, *_cells(row))
    Console(width=180).print(table)


def markdown(rows: Sequence[Row], about: Sequence[str]) -> str:
    """A section with a table for each part, and a list of how each was run."""
    sections = [f"- {line}" for line in about]
    for part, lines in groupby(rows, attrgetter("part")):
        sections += ["", f"## {part}", "", _line(HEAD), _line(["---"] * len(HEAD))]
        sections += [_line([cell.replace("|", "/") for cell in _cells(row)]) for row in lines]
    return "\n".join(sections)


def write(page: Path, rows: Sequence[Row], about: Sequence[str]) -> None:
    """Put the tables between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{markdown(rows, about)}\n\n{END}{after}", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    met = "" if row.met is None else "met" if row.met else "MISSED"
    return row.what, row.ours, row.wanted, row.published, met, row.note


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
