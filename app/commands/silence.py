"""`wardwatch silence`: silences of a running Wardwatch."""

import click

from app.api_client.options import URL
from app.console.output import FORMAT, print_json


@click.group()
def silence() -> None:
    """List, add and end silences of a running Wardwatch."""


@silence.command()
@click.argument("matchers", metavar="MATCHER...", nargs=-1, required=True)
@click.option("--duration", required=True, metavar="SPAN", help="How long: 30m, 2h.")
@click.option("--by", required=True, help="Who adds it.")
@click.option("--comment", required=True, help="Why; shown to everybody who asks why an alert was not notified.")
@URL
def add(matchers: tuple[str, ...], duration: str, by: str, comment: str, url: str | None) -> None:
    """Stop notifications, from now on, of alerts that satisfy every MATCHER. The ward screen still shows the alerts.

    A matcher is a condition on a label: bed=icu-07, 'ward=~"icu|hdu"'. A word alone is an alert name.
    """
    from app.api_client.alert_queries import matchers_of
    from app.api_client.client import api_client
    from app.api_client.new_silence import new_silence
    from ward.clock import SystemClock
    from ward.ids import printable

    make = new_silence(matchers_of(matchers), duration, by, comment)
    api = api_client(url, SystemClock())
    body = make(api.now())
    answer = api.post("/api/v2/silences", body)
    id_ = answer.get("silenceID", "") if isinstance(answer, dict) else ""
    click.echo(f"silence {printable(str(id_))} until {body['endsAt']}")
    warnings = answer.get("warnings", []) if isinstance(answer, dict) else []
    for warning in warnings if isinstance(warnings, list) else ():
        click.echo(f"warning: {printable(str(warning), 400)}", err=True)


@silence.command()
@click.argument("matchers", metavar="[MATCHER]...", nargs=-1)
@click.option("--expired", is_flag=True, help="Also those that have ended.")
@FORMAT
@URL
def query(matchers: tuple[str, ...], expired: bool, form: str, url: str | None) -> None:
    """List silences that contain every MATCHER, the active ones first."""
    from app.api_client.alert_queries import matchers_of
    from app.api_client.client import api_client
    from app.api_client.silence_queries import silences_of
    from app.api_client.silence_table import as_data, show_silences
    from ward.clock import SystemClock
    from ward.silence import SilenceState

    wanted, api = matchers_of(matchers), api_client(url, SystemClock())
    found, now = silences_of(api, wanted), api.now()
    found = [s for s in found if expired or s.state(now) is not SilenceState.EXPIRED]
    if form == "json":
        print_json(as_data(found, now))
    elif found:
        show_silences(found, now)
    else:
        click.echo("no silence")


@silence.command()
@click.argument("name", metavar="ID")
@click.option("--by", help="Who ends it.")
@click.option("--note", default="", help="Why.")
@URL
def expire(name: str, by: str | None, note: str, url: str | None) -> None:
    """End a silence: alerts that it suppressed and that are still active are notified."""
    from urllib.parse import quote

    from app.api_client.client import api_client
    from ward.clock import SystemClock
    from ward.ids import printable

    api_client(url, SystemClock()).delete(
        f"/api/v2/silence/{quote(name, safe='')}", {"by": by, "note": note} if by else None
    )
    click.echo(f"silence {printable(name)} has ended")
