"""`wardwatch config`: checks a config directory, and shows which rules apply to a device."""

from pathlib import Path

import click

from app.api_client.options import URL
from app.console.cli_context import CONFIG
from app.console.output import FORMAT, print_json


@click.group()
def config() -> None:
    """Check a config directory, and show the rules of a bed or a device."""


@config.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@FORMAT
@click.pass_context
def check(ctx: click.Context, directory: Path | None, form: str) -> None:
    """Print every fault and warning as file:line:col: message.

    DIR is the config folder of the settings unless given. Exits with 1 on faults, with 0 on warnings alone.
    """
    from app.config_tools.check import check_config

    found = check_config(directory)
    if form == "json":
        print_json(found.data())
    else:
        click.echo(found.text())
    ctx.exit(0 if found.valid else 1)


@config.command()
@click.argument("name", metavar="BED|DEVICE")
@CONFIG
@click.option("--all", "every", is_flag=True, help="Also rules of signals that it is not expected to send.")
@FORMAT
def show(name: str, directory: Path | None, every: bool, form: str) -> None:
    """Show the limits and rules of a bed or a device, with their overrides and sources."""
    from app.config_tools.device_lookup import devices_of
    from app.config_tools.device_rules_data import device_rules_data
    from app.config_tools.device_rules_table import print_device_rules
    from app.console.cli_context import config_of
    from ward.clock import SystemClock

    now = SystemClock().now()
    config = config_of(directory, now)
    devices = devices_of(config, name, now)
    if form == "json":
        found = [device_rules_data(config, device, now, every=every) for device in devices]
        print_json({"config": config.hash, "devices": found})
        return
    for device in devices:
        print_device_rules(config, device, now, every=every)


@config.command()
@FORMAT
@URL
def waiting(form: str, url: str | None) -> None:
    """Show the edit that waits for a confirmation, and why. Exits with 1 while one waits."""
    from app.api_client.client import api_client
    from app.config_tools.waiting_edit import waiting_edit
    from ward.clock import SystemClock

    found = waiting_edit(api_client(url, SystemClock()))
    if form == "json":
        print_json({"config": found.in_force, "waiting": found.edit, "reasons": list(found.reasons)})
    else:
        click.echo("\n".join(found.reasons) if found.edit else f"no edit waits: config {found.in_force} is in force")
    click.get_current_context().exit(1 if found.edit else 0)


@config.command()
@click.argument("edit")
@click.option("--by", required=True, help="Who confirms it.")
@click.option("--note", default="", help="Why.")
@URL
def confirm(edit: str, by: str, note: str, url: str | None) -> None:
    """Put an edit in force that takes watch over patients away or ends an active alert.

    EDIT is its hash, which `wardwatch config waiting` prints with all that it takes away.
    """
    from app.api_client.client import api_client
    from app.config_tools.waiting_edit import confirm_edit
    from ward.clock import SystemClock

    click.echo(confirm_edit(api_client(url, SystemClock()), edit, by, note))
