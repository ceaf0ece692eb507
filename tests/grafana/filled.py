"""A real InfluxDB with a week of two wards in it, filled once a session: what dashboards and rules are asked of."""

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
from tests.grafana.week import Week
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SECOND, Micros, SystemClock
from ward.config.config import Config
from ward.retention_policy import RetentionPolicy

DATABASE = "ward"
_NOW = re.compile(r"\bnow\(\)")


@dataclass(frozen=True)
class Filled:
    """Where the week is, and from when until when. `now()` in a question is `end`, whenever the question is asked."""

    url: str
    database: str
    start: Micros
    end: Micros
    config: Config

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The series that one statement of InfluxQL gives, times in milliseconds. Fails with InfluxDB's own words."""
        said = _NOW.sub(f"{self.end * 1000}", query)
        form = urllib.parse.urlencode({"db": self.database, "epoch": "ms", "q": said})
        with urllib.request.urlopen(f"{self.url}/query?{form}", timeout=30) as answer:
            (result,) = json.load(answer)["results"]
        assert "error" not in result, f"{result['error']}: {said}"
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The same as rows: columns and tags by name."""
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
            for series in self.ask(query)
            for values in series["values"]
        ]


@pytest.fixture(scope="session")
def filled(influx: Influx) -> Filled:
    """The week, up to now."""
    influx.create(DATABASE)
    url = f"http://127.0.0.1:{influx.port}"
    for policy in set(RetentionPolicy) - {RetentionPolicy.AUTOGEN}:
        made = f'CREATE RETENTION POLICY "{policy}" ON "{DATABASE}" DURATION INF REPLICATION 1'
        urllib.request.urlopen(f"{url}/query", urllib.parse.urlencode({"q": made}).encode(), timeout=10).close()
    settings = InfluxSettings(url=url, bucket=DATABASE, version=1, timeout=60)
    end = SystemClock().now() // SECOND * SECOND
    # In memory where that can be had: what is kept safe from power cuts here is thrown away in the end.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        week = Week(Path(folder), lambda clock: InfluxStore(settings, clock), end)
        week.store.write(resolutions(), RetentionPolicy.FACTS)
        week.run()
        week.close()
    return Filled(url, DATABASE, week.start, week.end, week.config)
