"""`wardwatch influx`: sets up and checks InfluxDB, and rolls up stored readings."""

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
    click.option(
        "--tokens", type=click.Path(path_type=Path, file_okay=False), help="The folder of the tokens (data/)."
    ),
    click.option("--settings", "file", type=click.Path(path_type=Path), help="The settings file."),
]


def _influx_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that all commands of InfluxDB have."""
    for option in reversed(_common):
        command = option(command)
    return command


@click.group()
def influx() -> None:
    """Buckets, retention, tokens, and roll-ups of stored readings."""


@influx.command()
@_influx_options
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def apply(yes: bool, **options: Any) -> None:
    """Create buckets, retention, tokens and `resolutions`. Shows the changes first; a second call changes nothing.

    Needs an administrator's token: the setting `store_admin_token`. The tokens of our programs and of Grafana are
    written to files that only their owner can read.
    """
    with _administration(**options) as influx_:
        found = influx_.changes()
        for change in found:
            click.echo(change.line)
        if not found:
            click.echo("InfluxDB matches the plan")
            return
        if not yes and not click.confirm("Apply these changes?"):
            sys.exit(1)
        for change in found:
            change.apply()
        click.echo(f"{len(found)} changed")


@influx.command()
@_influx_options
def check(**options: Any) -> None:
    """Show differences to what `apply` creates and to influx/schema.md. Exits with 1 when there are any."""
    with _administration(**options) as influx_:
        lines = [change.line for change in influx_.changes()] + influx_.unexpected()
    for line in lines:
        click.echo(line)
    if lines:
        click.echo("`wardwatch influx apply` corrects lines with + and ~", err=True)
        sys.exit(1)
    click.echo("InfluxDB matches the plan")


@influx.command()
@click.option("--from", "begin", required=True, help="An instant, a day, or how long ago: 24h, 30d.")
@click.option("--to", "end", default="now", show_default=True, help="The same, or now.")
@click.option("--store", "store_url", help="The store's address; `store_url` of the settings without it.")
@click.option("--data", type=click.Path(path_type=Path), help="The folder of its progress file (data/).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="The settings file.")
def backfill(begin: str, end: str, file: Path | None, **flags: Any) -> None:
    """Compute minutes and hours of a time range from raw readings. After a kill the same call continues."""
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
            click.echo(f"continuing from {format_instant(job.done)}")
        try:
            with progress("hours", (job.end - job.begin) // HOURS) as show:
                for done in job.run(clock.now()):
                    show((done - job.begin) // HOURS)
        except StoreUnavailable as error:
            click.echo(f"{error}; the same call continues from {format_instant(job.done)}", err=True)
            sys.exit(1)
        finally:
            store.close()
    click.echo(f"{job.minutes} points of minutes, {job.hours} of hours")


@contextmanager
def _administration(store_url: str | None, tokens: Path | None, file: Path | None) -> Iterator["InfluxAdministration"]:
    """The administration of the InfluxDB that the settings name. An error of InfluxDB ends the command with 1."""
    from app.console.cli_errors import exit_on_errors
    from app.runtime.influx_administration import InfluxAdministration
    from app.settings.loader import load_settings
    from ward.errors import QueryRefused, StoreUnavailable

    with exit_on_errors():
        # The token of our programs is made here.
        settings = load_settings({"store_url": store_url} if store_url else {}, file, not_yet=["store_token"])
        influx_ = InfluxAdministration(settings, tokens)
        try:
            yield influx_
        except (StoreUnavailable, QueryRefused) as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        finally:
            influx_.close()
