"""`wardwatch routes`: who would be notified of an alert, and why."""

from pathlib import Path

import click

from app.api_client.options import URL
from app.console.cli_context import CONFIG
from app.console.output import FORMAT, print_json


@click.group()
def routes() -> None:
    """Show who would be notified of an alert, and why."""


@routes.command()
@CONFIG
@FORMAT
def show(directory: Path | None, form: str) -> None:
    """Show the route tree."""
    from app.console.cli_context import config_of
    from app.routing.route_tree import route_tree_lines
    from app.routing.route_tree_data import route_tree_data
    from ward.clock import SystemClock
    from ward.ids import printable

    config = config_of(directory, SystemClock().now())
    if form == "json":
        print_json({"config": config.hash, **route_tree_data(config.alerting)})
        return
    for line in route_tree_lines(config.alerting):
        click.echo(printable(line, 1000))


@routes.command()
@click.argument("labels", metavar="LABEL=VALUE...", nargs=-1, required=True)
@CONFIG
@click.option("--exact", is_flag=True, help="Only these labels: derive none from the config.")
@click.option("--want", multiple=True, metavar="RECEIVER", help="Fail unless exactly these receivers are notified.")
@click.option(
    "--live",
    is_flag=True,
    help="Ask a running Wardwatch for the addresses of its channels, and what suppresses it now.",
)
@URL
@FORMAT
@click.pass_context
def test(
    ctx: click.Context, labels: tuple[str, ...], directory: Path | None, exact: bool, want: tuple[str, ...],
    live: bool, url: str | None, form: str,
) -> None:  # fmt: skip
    """Show who would be notified of an alert with these labels, by which route, and what would suppress it.

    Exits with 1 when nobody would be notified.
    """
    from app.console.cli_context import config_of
    from app.routing.evaluation import evaluate_routing
    from app.routing.hypothetical_alert import parse_labels
    from ward.clock import SystemClock

    clock = SystemClock()
    config = config_of(directory, clock.now())
    given = parse_labels(labels)
    if live or url:
        from app.api_client.channel_queries import running_channels
        from app.api_client.client import api_client
        from app.routing.suppression import suppressed_by

        api = api_client(url, clock)
        found = evaluate_routing(config, given, clock.now(), exact=exact, want=want, running=running_channels(api))
        found = found.with_suppression(suppressed_by(config, found.alert, api))
    else:
        found = evaluate_routing(config, given, clock.now(), exact=exact, want=want)
    if form == "json":
        print_json({"config": config.hash, **found.data()})
    else:
        for line in found.lines():
            click.echo(line)
    ctx.exit(0 if found.passed else 1)
