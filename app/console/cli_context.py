"""The settings and the config of a command, or lines that say what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.settings.settings import Settings
    from ward.clock import Micros
    from ward.config.config import Config

LONGEST_LINE = 2000
CONFIG = click.option(
    "--config",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The config folder, if not that of the settings.",
)


def settings_of(**flags: Any) -> Settings:
    """The settings with some flags. Prints what is wrong with them, and then ends the command with exit code 1."""
    from app.console.cli_errors import exit_on_errors
    from app.settings.loader import load_settings

    with exit_on_errors():
        return load_settings(flags)


def config_of(directory: Path | None, now: Micros) -> Config:
    """The config in a directory, or in that of the settings. Prints every fault, and then ends the command with 1."""
    from app.console.cli_errors import exit_on_errors
    from app.settings.config_reader import config_reader

    settings = settings_of(config=directory)
    with exit_on_errors():
        return config_reader(settings.config, config_environment(settings))(now)


def config_environment(settings: Settings | None) -> Mapping[str, str]:
    """The variables that config may name as `${…}`: the environment, and those that follow from the settings."""
    from app.settings.loader import config_variables

    return {**config_variables(os.environ), **(settings.environment if settings else {})}
