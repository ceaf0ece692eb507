"""`wardwatch version`."""

import click

from ward import __version__


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"wardwatch {__version__}")
