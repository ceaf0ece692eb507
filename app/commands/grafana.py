"""`wardwatch grafana`: what Grafana provisions itself from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.given import CONFIG

if TYPE_CHECKING:
    from ward.config.config import Config

OUT = click.option(
    "--to", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Where to, if not grafana/provisioning/."
)


@click.group()
def grafana() -> None:
    """Make the files Grafana starts with from this config."""


@grafana.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file differs from what it would be.")
@click.option("--environment", is_flag=True, help="Check also that every variable Grafana will want is set here.")
@OUT
@CONFIG
@click.pass_context
def build(ctx: click.Context, check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write the dashboards and data sources, with the limits of this config."""
    import os

    from app.given import config_of
    from grafana.build import FOLDER, differences, unset
    from grafana.build import build as write
    from ward.clock import SystemClock

    config = config_of(directory, SystemClock().now())
    where = folder or FOLDER
    differs = list(differences(config, where)) if check else write(config, where)
    for path in differs:
        click.echo(f"{where / path}: {'differs: run wardwatch grafana build' if check else 'written'}")
    missing = unset(os.environ, where) if environment else []
    for line in missing:
        click.echo(f"{line}, and not set: Grafana would put nothing in its place", err=True)
    if not differs:
        click.echo("nothing differs")
    wrong = _complain(config, where, None)
    ctx.exit(1 if missing or wrong or (check and differs) else 0)


@grafana.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file differs from what it would be.")
@click.option("--environment", is_flag=True, help="Check also that every variable Grafana will want is set here.")
@OUT
@CONFIG
@click.pass_context
def alerts(ctx: click.Context, check: bool, environment: bool, folder: Path | None, directory: Path | None) -> None:
    """Write who is told what by Grafana: contact points, policies, mute timings, templates and rules.

    Then the whole folder is checked, as Grafana would read it. Exits with 1 where anything is wrong with it.
    """
    import os

    from app.given import config_of
    from grafana.alerting.build import FOLDER, differences
    from grafana.alerting.build import build as write
    from ward.clock import SystemClock

    config = config_of(directory, SystemClock().now())
    where = folder or FOLDER
    differs = list(differences(config, where)) if check else write(config, where)
    for path in differs:
        click.echo(f"{where / path}: {'differs: run wardwatch grafana alerts' if check else 'written'}")
    if not differs:
        click.echo("nothing differs")
    wrong = _complain(config, where, os.environ if environment else None)
    ctx.exit(1 if wrong or (check and differs) else 0)


def _complain(config: Config, folder: Path, environ: Mapping[str, str] | None) -> bool:
    from grafana.alerting.build import complaints

    found = complaints(config, folder, environ)
    for complaint in found:
        click.echo(str(complaint), err=True)
    return bool(found)
