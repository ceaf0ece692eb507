"""All problems of the provisioning folder, for one config."""

from collections.abc import Mapping
from pathlib import Path

from grafana.alerting.variables import channel_variable
from grafana.provisioning_files import FOLDER
from grafana.validation.problem import Problem
from grafana.validation.provisioning_tree import read_folder
from grafana.validation.validate import validate
from ward.config.config import Config


def folder_problems(config: Config, folder: Path = FOLDER, environ: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of the folder; with `environ` also the variables that are not set there."""
    channels = {channel_variable(channel.name) for channel in config.alerting.channels if channel.grafana}
    return validate(read_folder(folder), channels, environ)
