"""What a command stands on: its settings and its config, or one error that says what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from ward.ids import printable

if TYPE_CHECKING:
    from ward.clock import Micros
    from ward.config.config import Config
    from ward.settings import Settings

LONGEST_LINE = 2000
CONFIG = click.option(
    "--config", "directory", metavar="DIR", type=click.Path(path_type=Path), help="The config folder, if not the usual."
)


class Faulty(click.ClickException):
    """Raised with lines that say where something is wrong; they are shown as they are, each on its own."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(printable(line, LONGEST_LINE) for line in lines))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


def settings_of(**flags: Any) -> Settings:
    """The settings with some flags. Raises `Faulty` with all that is wrong with them."""
    from ward.errors import SettingsError
    from ward.sources import settings

    try:
        return settings(flags)
    except SettingsError as error:
        raise Faulty(str(error).splitlines()) from None


def config_of(directory: Path | None, now: Micros) -> Config:
    """The config in a directory, or in that of the settings. Raises `Faulty` with every fault."""
    from app.vocabulary import reader
    from ward.errors import ConfigError

    given = settings_of(config=directory)
    try:
        return reader(given.config, environ(given))(now)
    except ConfigError as error:
        raise Faulty([*map(str, error.faults), "the config cannot be used: mend it first"]) from None


def environ(given: Settings | None) -> Mapping[str, str]:
    """What `${…}` in config may name: the environment, and what the settings say of it."""
    return {**os.environ, **(given.environment if given else {})}
