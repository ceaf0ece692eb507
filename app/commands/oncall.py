"""`wardwatch oncall`: who is on call by the schedules of `alerts.yaml`."""

from pathlib import Path

import click

from app.console.cli_context import CONFIG
from app.console.output import FORMAT, print_json


@click.command()
@CONFIG
@click.option("--at", "at", default="", metavar="TIME", help="At this time instead of now: RFC 3339 with a zone.")
@FORMAT
@click.pass_context
def oncall(ctx: click.Context, directory: Path | None, at: str, form: str) -> None:
    """Show who is on call by each schedule, until when, and who is next.

    Exits with 1 when by a schedule nobody can be notified: then the channels of its receivers are used.
    """
    from app.config_tools.calendars import with_calendars
    from app.config_tools.on_call import on_call_data, on_call_lines
    from app.console.cli_context import config_of, settings_of
    from ward.clock import SystemClock, parse_instant
    from ward.ids import printable

    now = SystemClock().now()
    try:
        asked = parse_instant(at) if at else now
    except ValueError as error:
        raise click.UsageError(f"--at: {error}") from None
    config = config_of(directory, now)
    try:
        config = with_calendars(config, settings_of(config=directory), asked)
        data = on_call_data(config, asked)
    except OverflowError:
        raise click.UsageError(f"--at: {at} is too near the first or last day that there is") from None
    if form == "json":
        print_json(data)
    else:
        for line in on_call_lines(config, asked):
            click.echo(printable(line, 1000))
    ctx.exit(0 if all(schedule["reached"] for schedule in data["schedules"]) else 1)
