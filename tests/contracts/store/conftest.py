"""One empty store of each kind. InfluxDB's need the engine: once by 1.x's way of writing, once by 2.x's."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.influx import Influx
from tests.engines.influx_proxy import InfluxProxy
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import ManualClock
from ward.ports import Store

_count = itertools.count()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("influx1", marks=pytest.mark.engines),
        pytest.param("influx2", marks=pytest.mark.engines),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    if request.param == "sqlite":
        made: Store = SqliteStore(tmp_path / "store.db", ManualClock())
        yield made
        made.close()
        return
    influx: Influx = request.getfixturevalue("influx")
    bucket = f"bucket-{next(_count)}"
    influx.create(bucket)
    if request.param == "influx1":
        made = InfluxStore(
            InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket=bucket, version=1), ManualClock()
        )
        yield made
        made.close()
        return
    proxy = InfluxProxy(influx.port)
    settings = InfluxSettings(url=f"http://127.0.0.1:{proxy.port}", bucket=bucket, org="hospital", token=proxy.token)
    made = InfluxStore(settings, ManualClock())
    yield made
    made.close()
    proxy.close()
