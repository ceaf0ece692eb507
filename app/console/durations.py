"""Durations in the options of commands."""

import click

from ward.config.base_model import parse_duration


def duration_seconds(text: str, option: str) -> float:
    """`2h` in seconds. Raises `click.UsageError`."""
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None
    assert isinstance(found, float | int)
    return float(found)
