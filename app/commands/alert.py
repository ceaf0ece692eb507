"""`wardwatch alert`: lists, acknowledges and takes over the alerts of a running Wardwatch."""

import click

from app.api_client.options import URL
from app.console.output import FORMAT, print_json


@click.group()
def alert() -> None:
    """List, acknowledge and take over the alerts of a running Wardwatch."""


@alert.command()
@click.argument("matchers", metavar="[MATCHER]...", nargs=-1)
@click.option("--state", type=click.Choice(["active", "ended", "all"]), default="active", show_default=True)
@FORMAT
@URL
def query(matchers: tuple[str, ...], state: str, form: str, url: str | None) -> None:
    """List alerts that satisfy every MATCHER, the highest priority first.

    A matcher is a condition on a label: severity=high, 'ward=~"icu|hdu"', bed!=icu-07. A word alone is an alert name.
    """
    from app.api_client.alert_queries import alerts_of, matchers_of
    from app.api_client.alert_table import show_alerts
    from app.api_client.client import api_client
    from ward.clock import SystemClock

    wanted, api = matchers_of(matchers), api_client(url, SystemClock())
    found = alerts_of(api, wanted, state)
    if form == "json":
        print_json(found)
    elif found:
        show_alerts(found, api.now())
    else:
        click.echo("no alert" + (" that satisfies these matchers" if wanted else ""))


@alert.command()
@click.argument("name", metavar="ID|FINGERPRINT")
@click.option("--by", required=True, help="Who acknowledges it.")
@click.option("--note", default="", help="A note on the alert.")
@URL
def ack(name: str, by: str, note: str, url: str | None) -> None:
    """Acknowledge an active alert: it is not notified again until it ends, gets worse or is raised again."""
    _act(name, "ack", by, note, url)


@alert.command(name="take-over")
@click.argument("name", metavar="ID|FINGERPRINT")
@click.option("--by", required=True, help="Who takes it over.")
@click.option("--note", default="", help="A note on the alert.")
@URL
def take_over(name: str, by: str, note: str, url: str | None) -> None:
    """Take over an alert that another person has acknowledged: its record keeps both."""
    _act(name, "take-over", by, note, url)


def _act(name: str, what: str, by: str, note: str, url: str | None) -> None:
    from urllib.parse import quote

    from app.api_client.alert_queries import alert_of
    from app.api_client.client import api_client
    from ward.clock import SystemClock
    from ward.ids import printable

    api = api_client(url, SystemClock())
    found = alert_of(api, name)
    answer = api.post(f"/api/v1/alerts/{quote(str(found['id']), safe='')}/{what}", {"by": by, "note": note})
    click.echo(printable(str(answer.get("effect") or "done"), 500))
