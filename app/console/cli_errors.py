"""How a command ends when settings or config are wrong: one line for each fault, and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ward.errors import ConfigError, SettingsError


@contextmanager
def exit_on_errors() -> Iterator[None]:
    """Turns `ConfigError` and `SettingsError` into lines on standard error and exit code 1."""
    try:
        yield
    except ConfigError as error:
        lines = [str(fault) for fault in error.faults]
        raise SystemExit(_print(lines)) from None
    except SettingsError as error:
        raise SystemExit(_print(str(error).splitlines())) from None


def _print(lines: list[str]) -> int:
    for line in lines:
        click.echo(line, err=True)
    return 1
