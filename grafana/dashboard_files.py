"""The provisioning files of dashboards and data sources, which `wardwatch grafana build` writes."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from grafana import dashboards
from grafana.dashboards import overview
from grafana.data_sources import data_sources
from grafana.layout.dashboard import TITLES, Dashboard
from ward.config.config import Config

_JSON = "dashboards/json"
FOLDERS = ("dashboards", "datasources")  # every file in these folders is generated
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


class _DashboardModule(Protocol):
    def dashboard(self, config: Config) -> Dashboard: ...


def all_dashboards(config: Config) -> list[Dashboard]:
    """One dashboard from each module in `grafana/dashboards/`, by their links; then the other overviews."""
    names = [module.name for module in pkgutil.iter_modules(dashboards.__path__)]
    modules = [cast(_DashboardModule, importlib.import_module(f"{dashboards.__name__}.{name}")) for name in names]
    one_each = sorted((module.dashboard(config) for module in modules), key=lambda found: list(TITLES).index(found.uid))
    return [*one_each, *overview.others(config)]


def files(config: Config) -> Mapping[str, str]:
    """The text of each file, by its path below `grafana/provisioning`."""
    json_files = {f"{_JSON}/{dashboard.uid}.json": dashboard.json() for dashboard in all_dashboards(config)}
    return json_files | {"dashboards/wardwatch.yaml": _PROVIDER, "datasources/wardwatch.yaml": data_sources()}
