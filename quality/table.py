"""The table of quality, for a terminal and for its page."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from quality.parts import PARTS, PartResult
from quality.row import Row

HEAD = ("what", "ours", "wanted", "published", "", "note")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
# A section of the page, and the name of the part it is of.
_SECTION = re.compile(r"^## .*\n\n`(\w+)`:(?:.*\n)*?(?=^## |\Z)", re.MULTILINE)


def print_table(rows: Sequence[Row]) -> None:
    """Print all rows, those of each part together, as wide as a terminal of 180 columns."""
    table = Table(box=SIMPLE_HEAD)
    for name in ("part", *HEAD):
        table.add_column(name)
    for row in rows:
        table.add_row(row.part, *_cells(row))
    Console(width=180).print(table)


def sections(result: PartResult) -> Iterator[str]:
    """A section with a table for each group of rows, which says how it was run."""
    for title, rows in groupby(result.rows, attrgetter("part")):
        lines = [_line([cell.replace("|", "/") for cell in _cells(row)]) for row in rows]
        yield "\n".join(
            [f"## {title}", "", f"{result.about}.", "", _line(HEAD), _line(["---"] * len(HEAD)), *lines, ""]
        )


def write(page: Path, results: Sequence[PartResult]) -> None:
    """Put the sections of some parts between the marks of a page; those of other parts stay as they are."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    known, _, after = rest.partition(END)
    found = {name: [match[0] for match in _SECTION.finditer(known) if match[1] == name] for name in PARTS}
    found |= {result.name: list(sections(result)) for result in results}
    text = "\n".join(f"{section.rstrip()}\n" for of_part in found.values() for section in of_part)
    if missing := ", ".join(f"`{name}`" for name, of_part in found.items() if not of_part):
        text = f"Not measured yet: {missing}.\n\n{text}"
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    met = "" if row.met is None else "met" if row.met else "MISSED"
    return row.what, row.ours, row.wanted, row.published, met, row.note


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
