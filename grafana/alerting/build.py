"""The files of this room on disk, and what is wrong with the whole tree they belong to."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from grafana.alerting.files import files
from grafana.alerting.variables import of_channel
from grafana.complaint import Complaint
from grafana.tree import texts
from grafana.validate import validate
from ward.config.config import Config

FOLDER = Path(__file__).parents[1] / "provisioning"
# The folder whose every file is made here.
_OURS = "alerting"


def differences(config: Config, folder: Path = FOLDER) -> Iterator[str]:
    """The files that are not as they would be made now, missing ones and ones too many among them."""
    wanted = files(config)
    for path, text in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            yield path
    there = {file.relative_to(folder).as_posix() for file in (folder / _OURS).rglob("*") if file.is_file()}
    yield from sorted(there - set(wanted))


def build(config: Config, folder: Path = FOLDER) -> list[str]:
    """Write all that differs and take away what is no more; tells which."""
    differs, wanted = list(differences(config, folder)), files(config)
    for path in differs:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], encoding="utf-8")
        else:
            (folder / path).unlink()
    return differs


def complaints(config: Config, folder: Path = FOLDER, environ: Mapping[str, str] | None = None) -> list[Complaint]:
    """Every mistake of the whole provisioning folder; with `environ` also variables that are not set there."""
    channels = {of_channel(channel.name) for channel in config.alerting.channels if channel.grafana}
    return validate(texts(folder), channels, environ)
