"""`wardwatch config`: checks a config directory, and shows which rules apply to a device."""

from pathlib import Path

import click

from app.console.cli_context import CONFIG


@click.group()
def config() -> None:
    """Check a config directory, and show the rules of a bed or a device."""


@config.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The output format.")
@click.pass_context
def check(ctx: click.Context, directory: Path | None, form: str) -> None:
    """Print every fault and warning as file:line:col: message.

    DIR is the config folder of the settings unless given. Exits with 1 on faults, with 0 on warnings alone.
    """
    from app.config_tools.check import check_config

    found = check_config(directory)
    click.echo(found.json() if form == "json" else found.text())
    ctx.exit(0 if found.valid else 1)


@config.command()
@click.argument("name", metavar="BED|DEVICE")
@CONFIG
@click.option("--all", "every", is_flag=True, help="Also rules of signals that it is not expected to send.")
def show(name: str, directory: Path | None, every: bool) -> None:
    """Show the limits and rules of a bed or a device, with their overrides and sources."""
    from app.config_tools.device_lookup import devices_of
    from app.config_tools.device_rules_table import print_device_rules
    from app.console.cli_context import config_of
    from ward.clock import SystemClock

    now = SystemClock().now()
    config = config_of(directory, now)
    for device in devices_of(config, name, now):
        print_device_rules(config, device, now, every=every)
