"""Tables: with rules on a terminal, else aligned columns."""

import sys
from collections.abc import Sequence

import click

from ward.ids import printable

LONGEST = 300


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows of cells below a head. Control characters in a cell are escaped."""
    cells = [[printable(str(cell), LONGEST) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _ruled(head, cells)
        return
    for line in align_columns([list(head), *cells]):
        click.echo(line)


def align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines whose columns are two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _ruled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, not str: rich must not read square brackets in a cell as markup.
    table = Table(box=box.SIMPLE_HEAD)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
