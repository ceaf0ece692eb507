"""`wardwatch config`: what is wrong with a config directory, and what holds for whom."""

from pathlib import Path

import click

from app.console.cli_context import CONFIG


@click.group()
def config() -> None:
    """Check a config directory, and see what holds for whom."""


@config.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or machines.")
@click.pass_context
def check(ctx: click.Context, directory: Path | None, form: str) -> None:
    """Tell every fault and warning as file:line:col: message.

    DIR is the config folder of the settings unless given. Exits with 1 on faults, with 0 on warnings alone.
    """
    from app.config_tools.check import check_config

    found = check_config(directory)
    click.echo(found.json() if form == "json" else found.text())
    ctx.exit(0 if found.sound else 1)


@config.command()
@click.argument("name", metavar="BED|DEVICE")
@CONFIG
@click.option("--all", "every", is_flag=True, help="Rules of signals it is not expected to send, too.")
def show(name: str, directory: Path | None, every: bool) -> None:
    """Tell which limits and rules hold at a bed or for a device, and why."""
    from app.config_tools.device_lookup import devices_of
    from app.config_tools.device_rules_table import print_device_rules
    from app.console.cli_context import config_of
    from ward.clock import SystemClock

    now = SystemClock().now()
    config = config_of(directory, now)
    for device in devices_of(config, name, now):
        print_device_rules(config, device, now, every=every)
