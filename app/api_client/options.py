"""Options of the commands that use a running Wardwatch."""

import click

URL = click.option(
    "--url", metavar="URL", help="The address of Wardwatch; by default http_host and http_port of the settings."
)
