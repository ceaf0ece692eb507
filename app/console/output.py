"""The option `--format` of every command that prints a result, and how a result is printed as JSON."""

import json

import click

FORMAT = click.option(
    "-o", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="The output format: for people, or JSON for programs.",
)  # fmt: skip


def print_json(data: object) -> None:
    """Print one JSON document. All but ASCII is escaped: no control character reaches the terminal."""
    click.echo(json.dumps(data, indent=2))
