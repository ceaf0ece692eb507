"""What a command stands on: its settings and its config, or lines that say what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.runtime.settings import Settings
    from ward.clock import Micros
    from ward.config.config import Config

LONGEST_LINE = 2000
CONFIG = click.option(
    "--config", "directory", metavar="DIR", type=click.Path(path_type=Path), help="The config folder, if not the usual."
)


def settings_of(**flags: Any) -> Settings:
    """The settings with some flags. What is wrong with them is told, and ends the command."""
    from app.console.cli_errors import told
    from app.runtime.settings_loader import settings

    with told():
        return settings(flags)


def config_of(directory: Path | None, now: Micros) -> Config:
    """The config in a directory, or in that of the settings. Every fault is told, and ends the command."""
    from app.config_tools.config_reader import reader
    from app.console.cli_errors import told

    given = settings_of(config=directory)
    with told():
        return reader(given.config, environ(given))(now)


def environ(given: Settings | None) -> Mapping[str, str]:
    """What `${…}` in config may name: the environment, and what the settings say of it."""
    from app.runtime.settings_loader import named

    return {**named(os.environ), **(given.environment if given else {})}
