"""`wardwatch channel`: sends a test message through channels of a running Wardwatch."""

import click

from app.api_client.options import URL
from app.console.output import FORMAT, print_json


@click.group()
def channel() -> None:
    """Test the channels of a running Wardwatch."""


@channel.command()
@click.argument("channels", metavar="[CHANNEL]...", nargs=-1)
@click.option("--receiver", "receivers", multiple=True, help="All channels of this receiver; may be repeated.")
@click.option("--by", required=True, help="Who asks for it: the message says so.")
@click.option("--note", default="", help="Why; it stands in the message.")
@click.option(
    "--timeout", type=click.FloatRange(0, 600), default=30.0, show_default=True,
    help="Seconds to wait for the answers of the services.",
)  # fmt: skip
@FORMAT
@URL
def test(
    channels: tuple[str, ...], receivers: tuple[str, ...], by: str, note: str, timeout: float, form: str,
    url: str | None,
) -> None:  # fmt: skip
    """Send a message that says TEST, no alert, through each CHANNEL, and print what each service answered.

    It ends with 1 unless every recipient's service has accepted it.
    """
    from app.api_client.channel_test import delivered, failure, result_lines, run_test
    from app.api_client.client import api_client
    from ward.clock import SystemClock
    from ward.ids import printable

    if not channels and not receivers:
        raise click.UsageError("name a CHANNEL or a --receiver")
    clock = SystemClock()
    body = {"by": by, "note": note, "channels": channels, "receivers": receivers}
    found = run_test(api_client(url, clock), body, timeout, clock)
    if form == "json":
        print_json(found)
    else:
        for line in result_lines(found):
            click.echo(printable(line, 500))
    if not delivered(found):
        raise failure(found)
