"""Makes a backtest from the options of the command line, and runs it with progress."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from app.backtests.backtest import Backtest
from app.backtests.processes import run_in_processes
from app.config_tools.device_lookup import did_you_mean
from app.console.cli_context import config_of, settings_of
from app.console.durations import duration_seconds
from app.console.progress import progress
from app.console.time_range import time_range
from app.settings.settings import Settings
from ward.adapters.factory import open_store
from ward.clock import SECOND, Clock, Micros, SystemClock, format_instant
from ward.errors import QueryRefused, SettingsError, StoreUnavailable
from ward.ids import printable
from ward.ports import Store

SETTING = "WARDWATCH_STORE_URL"
# The time from which on a backtest is evaluated in several processes: a process takes seconds to start.
LONG: Micros = 3 * 86_400 * SECOND


def open_backtest(
    begin: str, end: str, warm_up: str, beds: Sequence[str], rules: Sequence[str], store_url: str | None,
    directory: Path | None, other: Path | None = None,
) -> tuple[Backtest, Store]:  # fmt: skip
    """The backtest, and the store, which the caller closes; with a second config where there is another folder.

    Raises click's exceptions for wrong options.
    """
    clock = SystemClock()
    start, until = time_range(begin, end, clock.now())
    before = round(duration_seconds(warm_up, "--warm-up") * SECOND)
    config = config_of(directory, clock.now())
    others = (config_of(other, clock.now()),) if other else ()
    known_rules = {rule.name: rule for each in (config, *others) for rule in each.rules}
    for what, names, known in (("bed", beds, config.inventory.beds), ("rule", rules, known_rules)):
        for name in names:
            if name not in known:
                raise click.UsageError(f"there is no {what} {did_you_mean(name, list(known))}")
    reopen = partial(open_store_read_only, settings_of(config=directory, store_url=store_url), clock)
    store = reopen()
    return Backtest(store, config, start, until, before, tuple(beds), tuple(rules), others, reopen=reopen), store


def open_store_read_only(settings: Settings, clock: Clock) -> Store:
    """The store, read only: a running Wardwatch may write to it."""
    url = settings.store_url
    if url.startswith("sqlite:"):
        url += ("&" if "?" in url else "?") + "reading=yes"
    try:
        return open_store(url, clock, SETTING, settings.secrets)
    except SettingsError as error:
        raise click.ClickException(printable(str(error), 500)) from None
    except StoreUnavailable as error:
        raise click.ClickException(f"the store does not answer: {printable(str(error), 500)}") from None


def run_backtest(test: Backtest, *, compare: bool) -> None:
    """Run a backtest, and with `compare` also read what was recorded then.

    Raises `click.ClickException` when the store does not answer, or has no reading of that time.
    """
    run_steps(test, ("evaluating", evaluation(test)), *([("comparing", test.compare())] if compare else ()))


def evaluation(test: Backtest) -> Iterator[Micros]:
    """The evaluation of a backtest, in several processes where it is long. Yields how far it is."""
    count = process_count(test, os.cpu_count() or 1)
    return run_in_processes(test, count) if count > 1 else test.run()


def process_count(test: Backtest, cores: int) -> int:
    """In how many processes a backtest is evaluated: one for each core where it is long, and no more than beds."""
    inventory = test.config.inventory
    units = len(test.beds or inventory.beds or inventory.devices)
    return max(1, min(cores, units)) if test.end - test.start >= LONG else 1


def check_listed(test: Backtest) -> None:
    """Whether all alerts are listed, so that numbers of those that are listed hold. Raises `click.ClickException`."""
    if unlisted := sum(replay.episodes.unlisted for replay in test.replays):
        raise click.ClickException(
            f"{unlisted} alerts are too many to compare one by one: choose --bed or a shorter time"
        )


def run_steps(test: Backtest, *parts: tuple[str, Iterator[Micros]]) -> None:
    """Run parts of the work on a backtest one after the other, the first of which evaluates its readings; each has a
    label, and yields how far in the time of the backtest it is.

    Raises `click.ClickException` when the store does not answer, or has no reading of that time.
    """
    begin = test.start - test.warm_up
    total = (test.end - begin) // SECOND
    shown = f"{format_instant(test.start)} to {format_instant(test.end)}"
    try:
        for label, steps in parts:
            with progress(label, total) as show:
                for at in steps:
                    show((at - begin) // SECOND, format_instant(at))
            if not test.readings:
                only = "but those of a simulated past " if test.simulated else ""
                raise click.ClickException(f"the store has no reading {only}from {shown}")
    except (StoreUnavailable, QueryRefused) as error:
        raise click.ClickException(f"the store does not answer: {printable(str(error), 500)}") from None
