"""InfluxDB 1.6, which Debian has: the storage engine and InfluxQL of 2.x with the older write path."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence

from tests.engines.engine import Engine, free_port
from tests.engines.install import program
from ward.retention_policy import RetentionPolicy

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[logging]
  level = "warn"
"""


class Influx(Engine):
    """Debian's influxd."""

    name = "influxdb"

    def prepare(self) -> None:
        text = _CONFIG.format(port=self.port, backup=free_port(), folder=self.folder)
        (self.folder / "influxdb.conf").write_text(text)

    def command(self) -> Sequence[str]:
        return [program("influxd") or "influxd", "run", "-config", str(self.folder / "influxdb.conf")]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=2) as answer:
                return bool(answer.status == 204)
        except OSError:
            return False

    def create(self, database: str) -> None:
        """Create a database with all policies, as `wardwatch influx apply` does, but without retention."""
        asked = [f'CREATE DATABASE "{database}"']
        asked += [
            f'CREATE RETENTION POLICY "{policy}" ON "{database}" DURATION INF REPLICATION 1'
            for policy in RetentionPolicy
            if policy is not RetentionPolicy.AUTOGEN
        ]
        query = urllib.parse.urlencode({"q": ";".join(asked)}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/query", query, timeout=10) as answer:
            assert b"error" not in answer.read()
