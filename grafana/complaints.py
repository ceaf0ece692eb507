"""Everything that is wrong with the provisioning folder, as Grafana would read it with this config."""

from collections.abc import Mapping
from pathlib import Path

from grafana.alerting.variables import of_channel
from grafana.complaint import Complaint
from grafana.tree import texts
from grafana.validate import validate
from grafana.written import FOLDER
from ward.config.config import Config


def complaints(config: Config, folder: Path = FOLDER, environ: Mapping[str, str] | None = None) -> list[Complaint]:
    """Every mistake of the whole folder; with `environ` also variables that are not set there."""
    channels = {of_channel(channel.name) for channel in config.alerting.channels if channel.grafana}
    return validate(texts(folder), channels, environ)
