"""Progress of long work: a bar on a terminal, else a line at each tenth."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click


class ShowProgress(Protocol):
    """Called with how much is done, and an optional note."""

    def __call__(self, done: int, note: str = "") -> None: ...


@contextmanager
def progress(label: str, total: int) -> Iterator[ShowProgress]:
    """A function that shows progress towards `total`. Without a terminal it prints a line at each tenth."""
    if not sys.stderr.isatty():
        yield _lines(label, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total, note="")
        yield lambda done, note="": bar.update(task, completed=done, note=note)


def _lines(label: str, total: int) -> ShowProgress:
    shown = 0

    def show(done: int, note: str = "") -> None:
        nonlocal shown
        tenth = 10 * done // max(1, total)
        if tenth > shown:
            shown = tenth
            click.echo(f"{label}: {done} of {total}{', ' if note else ''}{note}", err=True)

    return show
