"""Roll-ups on a real InfluxDB, which is killed in between."""

from pathlib import Path

import pytest

from tests.engines.influx import Influx
from tests.kit.rollup_harness import HOUR, MINUTE, RollupHarness, devices, same
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.retention_policy import RetentionPolicy


@pytest.mark.engines
def test_after_a_crash_of_influxdb_all_roll_ups_are_written(influx: Influx, tmp_path: Path) -> None:
    influx.create("rolled")
    settings = InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="rolled", version=1, timeout=5)
    harness = RollupHarness(tmp_path, InfluxStore(settings))

    def speak(second: int) -> None:
        if second % 20 == 0:
            for device in devices(10):
                harness.send(device, harness.clock.now(), heart_rate=float(60 + second % 7), humidity=40.0)

    harness.run(300, speak)
    influx.kill()
    harness.run(120, speak)
    assert "nothing listens at this address" in harness.archive.problem()
    influx.start()
    harness.run(3400, speak)
    harness.run(30)
    assert harness.members[0].problem() == harness.archive.problem() == ""
    assert same(harness.rolled(RetentionPolicy.MINUTES), harness.expected(MINUTE))
    assert same(harness.rolled(RetentionPolicy.HOURS), harness.expected(HOUR, until=harness.clock.now()))
    harness.archive.close()
    harness.store.close()
