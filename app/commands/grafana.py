"""`wardwatch grafana`: what Grafana provisions itself from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.console.cli_context import CONFIG

if TYPE_CHECKING:
    from ward.config.config import Config

CHECK = click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 where a file differs from what it would be."
)
ENVIRONMENT = click.option(
    "--environment", is_flag=True, help="Check also that every variable Grafana will want is set here."
)
OUT = click.option(
    "--to", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Where to, if not grafana/provisioning/."
)


@click.group()
def grafana() -> None:
    """Make the files Grafana starts with from this config."""


def _making(command: Callable[..., None]) -> click.Command:
    """A command that makes some of the files: all of them take the same, and check the whole folder afterwards."""
    for option in (CONFIG, OUT, ENVIRONMENT, CHECK):
        command = option(command)
    return grafana.command()(command)


@_making
def build(check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write the dashboards and data sources, with the limits of this config."""
    from grafana.build import ROOMS, files

    _make("build", files, ROOMS, check, environment, folder, directory)


@_making
def alerts(check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write who is told what by Grafana: contact points, policies, mute timings, templates and rules.

    Then the whole folder is checked, as Grafana would read it. Exits with 1 where anything is wrong with it.
    """
    from grafana.alerting.files import ROOMS, files

    _make("alerts", files, ROOMS, check, environment, folder, directory)


def _make(
    name: str, files: Callable[[Config], Mapping[str, str]], rooms: Collection[str], check: bool, environment: bool,
    folder: Path | None, directory: Path | None,
) -> None:  # fmt: skip
    import os

    from app.console.cli_context import config_of
    from grafana.complaints import complaints
    from grafana.written import FOLDER, differences, write
    from ward.clock import SystemClock

    config = config_of(directory, SystemClock().now())
    where, wanted = folder or FOLDER, files(config)
    differs = list(differences(wanted, rooms, where)) if check else write(wanted, rooms, where)
    for path in differs:
        click.echo(f"{where / path}: {f'differs: run wardwatch grafana {name}' if check else 'written'}")
    if not differs:
        click.echo("nothing differs")
    wrong = complaints(config, where, os.environ if environment else None)
    for complaint in wrong:
        click.echo(str(complaint), err=True)
    sys.exit(1 if wrong or (check and differs) else 0)
