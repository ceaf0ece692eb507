"""The roll-ups on a real InfluxDB, which dies in between."""

from pathlib import Path

import pytest

from tests.engines.influx import Influx
from tests.rollups.house import HOUR, MINUTE, House, devices, same
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.policy import Policy


@pytest.mark.engines
def test_an_influxdb_that_dies_is_caught_up_with(influx: Influx, tmp_path: Path) -> None:
    influx.create("rolled")
    settings = InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="rolled", version=1, timeout=5)
    house = House(tmp_path, InfluxStore(settings))

    def speak(second: int) -> None:
        if second % 20 == 0:
            for device in devices(10):
                house.send(device, house.clock.now(), heart_rate=float(60 + second % 7), humidity=40.0)

    house.live(300, speak)
    influx.kill()
    house.live(120, speak)
    assert "nobody listens there" in house.archive.problem()
    influx.start()
    house.live(3400, speak)
    house.live(30)
    assert house.members[0].problem() == house.archive.problem() == ""
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR, until=house.clock.now()))
    house.archive.close()
    house.store.close()
