"""An unpacked Grafana as a process on loopback; its home folder is in `GRAFANA`. There is no package to install it."""

import json
import os
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.engines.engine import Engine

# The environment of docker-compose.yml, where it is the same on every machine.
_COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
_ADMIN = "Basic YWRtaW46YWRtaW4="  # admin:admin, which a fresh Grafana has


class Grafana(Engine):
    """Grafana 9.4 or newer with a provisioning folder, and a database of its own."""

    name = "grafana"

    def __init__(self, folder: Path, home: Path, provisioning: Path, settings: Mapping[str, str]) -> None:
        self._home = home
        self._provisioning = provisioning
        self._settings = settings
        super().__init__(folder)

    def command(self) -> Sequence[str]:
        one = self._home / "bin" / "grafana"
        program = [str(one), "server"] if one.exists() else [str(self._home / "bin" / "grafana-server")]
        return [*program, "-homepath", str(self._home)]

    def environment(self) -> Mapping[str, str]:
        own = {
            "GF_SERVER_HTTP_ADDR": "127.0.0.1",
            "GF_SERVER_HTTP_PORT": str(self.port),
            "GF_PATHS_DATA": str(self.folder / "data"),
            "GF_PATHS_LOGS": str(self.folder / "log"),
            "GF_PATHS_PLUGINS": str(self.folder / "plugins"),
            "GF_PATHS_PROVISIONING": str(self._provisioning),
        }
        return {**os.environ, **_shipped(), **own, **self._settings}

    def ready(self) -> bool:
        try:
            return bool(self.ask("/api/health")["database"] == "ok")
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: object = None) -> Any:
        """The JSON answer of its API for an administrator; with `body` the request is a POST."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": _ADMIN, "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=30) as answer:
            return json.load(answer)

    def errors_logged(self) -> list[str]:
        """The lines of its log with an error, since its start."""
        lines = self._last_words.read_text(errors="replace").splitlines()
        return [line for line in lines if "level=error" in line or "level=crit" in line]


def _shipped() -> dict[str, str]:
    environment = yaml.safe_load(_COMPOSE.read_text(encoding="utf-8"))["services"]["grafana"]["environment"]
    own = {name: value for name, value in environment.items() if name.startswith("GF_") and not name.endswith("__FILE")}
    # A wall screen has no keyboard: anonymous users may view the dashboards.
    return {"GF_AUTH_ANONYMOUS_ENABLED": "true", **{name: value for name, value in own.items() if "${" not in value}}
