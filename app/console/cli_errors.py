"""How a command ends when something is wrong: all of it in lines of their own, and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ward.errors import ConfigError, SettingsError


@contextmanager
def exit_on_errors() -> Iterator[None]:
    """Turns what is wrong with settings and config into lines on standard error, and exit code 1."""
    try:
        yield
    except ConfigError as error:
        lines = [str(fault) for fault in error.faults]
        raise SystemExit(_say(lines)) from None
    except SettingsError as error:
        raise SystemExit(_say(str(error).splitlines())) from None


def _say(lines: list[str]) -> int:
    for line in lines:
        click.echo(line, err=True)
    return 1
