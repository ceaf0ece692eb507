"""A real InfluxDB with a simulated week of two wards, filled once per session, for queries of dashboards and rules."""

import json
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from influx.plan import resolutions
from tests.engines.influx import Influx
from tests.grafana.simulated_week import SimulatedWeek
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SECOND, Micros, SystemClock
from ward.config.config import Config
from ward.retention_policy import RetentionPolicy

DATABASE = "ward"
_NOW = re.compile(r"\bnow\(\)")


@dataclass(frozen=True)
class FilledInfluxdb:
    """The address of the data, and their time range. In a query `now()` is replaced by `end`."""

    url: str
    database: str
    start: Micros
    end: Micros
    config: Config

    def series(self, query: str) -> list[dict[str, Any]]:
        """The series that one InfluxQL statement returns, times in ms. Fails with the error of InfluxDB."""
        influxql = _NOW.sub(f"{self.end * 1000}", query)
        form = urllib.parse.urlencode({"db": self.database, "epoch": "ms", "q": influxql})
        with urllib.request.urlopen(f"{self.url}/query?{form}", timeout=30) as answer:
            (result,) = json.load(answer)["results"]
        assert "error" not in result, f"{result['error']}: {influxql}"
        found: list[dict[str, Any]] = result.get("series", [])
        return found

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The series as rows, with columns and tags by name."""
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
            for series in self.series(query)
            for values in series["values"]
        ]


@pytest.fixture(scope="session")
def filled(influx: Influx) -> FilledInfluxdb:
    """The InfluxDB with a week up to now."""
    influx.create(DATABASE)
    url = f"http://127.0.0.1:{influx.port}"
    for policy in set(RetentionPolicy) - {RetentionPolicy.AUTOGEN}:
        made = f'CREATE RETENTION POLICY "{policy}" ON "{DATABASE}" DURATION INF REPLICATION 1'
        urllib.request.urlopen(f"{url}/query", urllib.parse.urlencode({"q": made}).encode(), timeout=10).close()
    settings = InfluxSettings(url=url, bucket=DATABASE, version=1, timeout=60)
    end = SystemClock().now() // SECOND * SECOND
    # In memory if possible: the files are deleted at the end, so they need not survive a power failure.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        week = SimulatedWeek(Path(folder), lambda clock: InfluxStore(settings, clock), end)
        week.store.write(resolutions(), RetentionPolicy.FACTS)
        week.run()
        week.close()
    return FilledInfluxdb(url, DATABASE, week.start, week.end, week.config)
