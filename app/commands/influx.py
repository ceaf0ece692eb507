"""`wardwatch influx`: make InfluxDB what we need, see whether it still is, and roll up the past."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.runtime.influx_administration import InfluxAdministration

_common = [
    click.option("--store", "store_url", help="InfluxDB's address; `store_url` of the settings without it."),
    click.option("--tokens", type=click.Path(path_type=Path, file_okay=False), help="Where tokens are kept (data/)."),
    click.option("--settings", "file", type=click.Path(path_type=Path), help="The file of settings."),
]


def _about_a_site(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that looks after an InfluxDB."""
    for option in reversed(_common):
        command = option(command)
    return command


@click.group()
def influx() -> None:
    """Buckets, retention, tokens, and roll-ups of the past."""


@influx.command()
@_about_a_site
@click.option("--yes", is_flag=True, help="Do not ask.")
def apply(yes: bool, **given: Any) -> None:
    """Make buckets, retention, tokens and `resolutions`. Shows what it will change; again, it changes nothing.

    Needs a token that may do so: the setting `store_admin_token`. Our programs' token and Grafana's go to files
    that only their owner may read.
    """
    with _site(**given) as site:
        found = site.changes()
        for change in found:
            click.echo(change.line)
        if not found:
            click.echo("InfluxDB is as it should be")
            return
        if not yes and not click.confirm("Change this?"):
            sys.exit(1)
        for change in found:
            change.apply()
        click.echo(f"{len(found)} changed")


@influx.command()
@_about_a_site
def check(**given: Any) -> None:
    """Tell what differs from what `apply` made and from influx/schema.md. Exit code 1 when something does."""
    with _site(**given) as site:
        lines = [change.line for change in site.changes()] + site.unexpected()
    for line in lines:
        click.echo(line)
    if lines:
        click.echo("`wardwatch influx apply` mends lines with + and ~", err=True)
        sys.exit(1)
    click.echo("InfluxDB is as it should be")


@influx.command()
@click.option("--from", "begin", required=True, help="An instant, a day, or how long ago: 24h, 30d.")
@click.option("--to", "end", default="now", show_default=True, help="The same, or now.")
@click.option("--store", "store_url", help="The store's address; `store_url` of the settings without it.")
@click.option("--data", type=click.Path(path_type=Path), help="Where it remembers how far it is (data/).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="The file of settings.")
def backfill(begin: str, end: str, file: Path | None, **flags: Any) -> None:
    """Make minutes and hours of a stretch of the past, from raw readings. After a death the same call goes on."""
    from app.console.cli_errors import exit_on_errors
    from app.console.progress import progress
    from app.console.time_range import time_range
    from app.settings.loader import load_settings
    from rollups.backfill import Backfill
    from rollups.points import HOURS
    from rollups.writer import RollupWriter
    from ward.adapters.factory import open_store
    from ward.clock import SystemClock, format_instant
    from ward.errors import StoreUnavailable
    from ward.metrics import Metrics

    clock = SystemClock()
    start, until = time_range(begin, end, clock.now())
    with exit_on_errors():
        chosen = load_settings({name: value for name, value in flags.items() if value is not None}, file)
        store = open_store(chosen.store_url, clock, "WARDWATCH_STORE_URL", chosen.secrets)
        job = Backfill(RollupWriter(store, Metrics()), start, until, chosen.data / "backfill.json")
        if job.done > job.begin:
            click.echo(f"going on from {format_instant(job.done)}")
        try:
            with progress("hours", (job.end - job.begin) // HOURS) as tell:
                for done in job.run(clock.now()):
                    tell((done - job.begin) // HOURS)
        except StoreUnavailable as error:
            click.echo(f"{error}; the same call goes on from {format_instant(job.done)}", err=True)
            sys.exit(1)
        finally:
            store.close()
    click.echo(f"{job.minutes} points of minutes, {job.hours} of hours")


@contextmanager
def _site(store_url: str | None, tokens: Path | None, file: Path | None) -> Iterator["InfluxAdministration"]:
    """InfluxDB as the settings name it; what goes wrong with it ends the command."""
    from app.console.cli_errors import exit_on_errors
    from app.runtime.influx_administration import InfluxAdministration
    from app.settings.loader import load_settings
    from ward.errors import QueryRefused, StoreUnavailable

    with exit_on_errors():
        site = InfluxAdministration(load_settings({"store_url": store_url} if store_url else {}, file), tokens)
        try:
            yield site
        except (StoreUnavailable, QueryRefused) as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        finally:
            site.close()
