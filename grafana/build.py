"""What Grafana provisions itself from, as files: made here, checked in, and compared by a test."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from grafana import dashboards
from grafana.dashboard import PAGES, Dashboard
from grafana.sources import sources
from ward.config.config import Config

_JSON = "dashboards/json"
ROOMS = ("dashboards", "datasources")  # the folders whose every file is made here
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
