"""`wardwatch routes`: who would be told, and why."""

from pathlib import Path

import click

from app.given import CONFIG
from app.screen.screen_options import URL


@click.group()
def routes() -> None:
    """Ask who would be told of an alert, and why."""


@routes.command()
@CONFIG
def show(directory: Path | None) -> None:
    """Show the route tree."""
    from app.given import config_of
    from app.routing.route_tree import tree
    from ward.clock import SystemClock
    from ward.ids import printable

    for line in tree(config_of(directory, SystemClock().now()).alerting):
        click.echo(printable(line, 1000))


@routes.command()
@click.argument("labels", metavar="LABEL=VALUE...", nargs=-1, required=True)
@CONFIG
@click.option("--exact", is_flag=True, help="These labels alone: fill in none that follow from the config.")
@click.option("--want", multiple=True, metavar="RECEIVER", help="Fail unless exactly these receivers are told.")
@click.option("--live", is_flag=True, help="Ask a running Wardwatch which silences and alerts would keep it quiet now.")
@URL
@click.pass_context
def test(
    ctx: click.Context, labels: tuple[str, ...], directory: Path | None, exact: bool, want: tuple[str, ...],
    live: bool, url: str | None,
) -> None:  # fmt: skip
    """Tell who would hear of an alert with these labels, by which route, and what would keep it quiet.

    Exits with 1 when nobody would be told.
    """
    from app.given import config_of
    from app.routing.route_answer import answer
    from app.routing.supposed import labels_of
    from ward.clock import SystemClock

    clock = SystemClock()
    config = config_of(directory, clock.now())
    found = answer(config, labels_of(labels), clock.now(), exact=exact, want=want)
    if live or url:
        from app.routing.route_live import hushed
        from app.screen.screen_client import screen_of

        found = found.hushed_by(hushed(config, found.alert, screen_of(url, clock)))
    for line in found.lines():
        click.echo(line)
    ctx.exit(0 if found.passed else 1)
