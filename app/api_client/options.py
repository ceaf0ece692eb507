"""Options of the commands that talk to a running Wardwatch."""

import click

URL = click.option("--url", metavar="URL", help="Where Wardwatch runs; by default http_host and http_port say it.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For whom."
)
