"""`wardwatch grafana`: the files that Grafana is provisioned from."""

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
    "--check", is_flag=True, help="Write nothing; exit with 1 if a file differs from what would be written."
)
ENVIRONMENT = click.option(
    "--environment", is_flag=True, help="Check also that every variable that Grafana needs is set here."
)
OUT = click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder to write to, if not grafana/provisioning/.",
)


@click.group()
def grafana() -> None:
    """Write the files that Grafana is provisioned from, for this config."""


def _file_command(command: Callable[..., None]) -> click.Command:
    """A command that writes some of the files: all have the same options, and check the whole folder afterwards."""
    for option in (CONFIG, OUT, ENVIRONMENT, CHECK):
        command = option(command)
    return grafana.command()(command)


@_file_command
def build(check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write the dashboards and data sources, with the limits of this config."""
    from grafana.dashboard_files import FOLDERS, files

    _write("build", files, FOLDERS, check, environment, folder, directory)


@_file_command
def alerts(check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write Grafana's alerting: contact points, policies, mute timings, templates and rules.

    Then the whole folder is checked. Exits with 1 if it has a problem.
    """
    from grafana.alerting.files import FOLDERS, files

    _write("alerts", files, FOLDERS, check, environment, folder, directory)


def _write(
    name: str, files: Callable[[Config], Mapping[str, str]], owned: Collection[str], check: bool, environment: bool,
    folder: Path | None, directory: Path | None,
) -> None:  # fmt: skip
    import os

    from app.console.cli_context import config_of
    from grafana.provisioning_files import FOLDER, differences, write
    from grafana.validation.folder import folder_problems
    from ward.clock import SystemClock

    config = config_of(directory, SystemClock().now())
    where, wanted = folder or FOLDER, files(config)
    differs = list(differences(wanted, owned, where)) if check else write(wanted, owned, where)
    for path in differs:
        click.echo(f"{where / path}: {f'differs: run wardwatch grafana {name}' if check else 'written'}")
    if not differs:
        click.echo("nothing differs")
    found = folder_problems(config, where, os.environ if environment else None)
    for problem in found:
        click.echo(str(problem), err=True)
    sys.exit(1 if found or (check and differs) else 0)
