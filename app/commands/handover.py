"""`wardwatch handover`: shows what a ward of a running Wardwatch hands over, and mails it."""

import click

from app.api_client.options import URL
from app.console.output import FORMAT, print_json

_WARD = click.option("--ward", default="", help="The id of the ward; left out, the first with beds.")
_SHIFT = click.option(
    "--shift", type=click.Choice(["current", "last"]), help="By default the last one until 2 h after the change."
)


@click.group()
def handover() -> None:
    """Show and mail what a ward hands over at a change of shift."""


@handover.command()
@_WARD
@_SHIFT
@click.option("--from", "begin", default="", metavar="TIME", help="Instead of a shift: RFC 3339 with a zone.")
@click.option("--to", "end", default="", metavar="TIME", help="The same; by default now.")
@FORMAT
@URL
def show(ward: str, shift: str | None, begin: str, end: str, form: str, url: str | None) -> None:
    """Print the handover of a ward as its mail has it, or as JSON."""
    from app.api_client.client import api_client
    from ward.clock import SystemClock
    from ward.ids import printable

    asked = {"ward": ward, "shift": shift or "", "from": begin, "to": end}
    given: dict[str, str | list[str]] = {name: value for name, value in asked.items() if value}
    api = api_client(url, SystemClock())
    if form == "json":
        print_json(api.get("/api/v1/handover", given))
        return
    for line in str(api.get("/api/v1/handover/mail", given).get("body", "")).split("\n"):
        click.echo(printable(line, 1000))


@handover.command()
@_WARD
@_SHIFT
@click.option("--by", required=True, help="Who has it mailed.")
@URL
def mail(ward: str, shift: str | None, by: str, url: str | None) -> None:
    """Mail the handover of a ward now, to the receivers of `handover` in alerts.yaml."""
    from app.api_client.client import api_client
    from ward.clock import SystemClock
    from ward.ids import printable

    body = {"by": by, "ward": ward, "shift": shift or ""}
    answer = api_client(url, SystemClock()).post("/api/v1/handover/mail", body)
    click.echo(printable(str(answer.get("effect") or "done"), 500))
