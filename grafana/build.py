"""What Grafana provisions itself from, as files: made here, checked in, and compared by a test."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

from grafana import dashboards
from grafana.dashboard import PAGES, Dashboard
from grafana.sources import sources
from ward.config.config import Config

FOLDER = Path(__file__).parent / "provisioning"
_JSON = "dashboards/json"
_WRITTEN = ("dashboards", "datasources")  # the folders whose every file is made here
_VARIABLE = re.compile(r"(?<!\$)\$\{?([A-Z][A-Z0-9_]*)")
_PROVIDER = """\
# Made by `wardwatch grafana build`: do not edit.
apiVersion: 1
providers:
  - name: wardwatch
    folder: Wardwatch
    folderUid: wardwatch
    type: file
    disableDeletion: true
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: ${WARDWATCH_GRAFANA_DASHBOARDS}
"""


class _Page(Protocol):
    def dashboard(self, config: Config) -> Dashboard: ...


def pages(config: Config) -> list[Dashboard]:
    """All dashboards: one of each file in `grafana/dashboards/`, in the order of their links."""
    names = [module.name for module in pkgutil.iter_modules(dashboards.__path__)]
    found = [cast(_Page, importlib.import_module(f"{dashboards.__name__}.{name}")) for name in names]
    return sorted((page.dashboard(config) for page in found), key=lambda page: list(PAGES).index(page.uid))


def files(config: Config) -> Mapping[str, str]:
    """What is written, by its path below `provisioning/`."""
    made = {f"{_JSON}/{page.uid}.json": page.json() for page in pages(config)}
    return made | {"dashboards/wardwatch.yaml": _PROVIDER, "datasources/wardwatch.yaml": sources()}


def build(config: Config, folder: Path = FOLDER) -> list[str]:
    """Write all that differs and take away what is no more; tells which."""
    differs = list(differences(config, folder))
    wanted = files(config)
    for path in differs:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], encoding="utf-8")
        else:
            (folder / path).unlink()
    return differs


def differences(config: Config, folder: Path = FOLDER) -> Iterator[str]:
    """The files that are not as they would be made now, missing ones and ones too many among them."""
    wanted = files(config)
    for path, text in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            yield path
    there = (file for name in _WRITTEN for file in (folder / name).rglob("*") if file.is_file())
    yield from sorted({file.relative_to(folder).as_posix() for file in there} - set(wanted))


def unset(environ: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """The variables that Grafana would find empty when it reads the provisioning files, each with its file."""
    found: set[str] = set()
    for file in folder.rglob("*.yaml"):
        text = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        missing = {name for name in _VARIABLE.findall(text) if not environ.get(name)}
        found |= {f"{name}: wanted by {file.relative_to(folder).as_posix()}" for name in missing}
    return sorted(found)
