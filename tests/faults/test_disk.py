"""InfluxDB on a disk that is full, or read-only: it is said which, nobody stops, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import install
from tests.engines.absent import absent
from tests.faults.disk import Disk, InfluxOnDisk, mounted
from tests.rollups.house import HOUR, MINUTE, House, T, devices, same
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.policy import Policy

pytestmark = pytest.mark.engines


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def own(tmp_path: Path, disk: Disk) -> Iterator[InfluxOnDisk]:
    """An InfluxDB whose data is on that disk."""
    if install.program("influxd") is None:
        absent("influxdb is not here (influxd): run python -m tests.engines.install")
    made = InfluxOnDisk(tmp_path / "engine", disk)
    made.start()
    made.create("ward")
    yield made
    made.kill()


@pytest.fixture
def house(tmp_path: Path, own: InfluxOnDisk) -> Iterator[House]:
    settings = InfluxSettings(url=f"http://127.0.0.1:{own.port}", bucket="ward", version=1, timeout=20)
    made = House(tmp_path, InfluxStore(settings))
    yield made
    for member in made.members:
        member.close()
    made.archive.close()
    made.store.close()


def lives(house: House, seconds: int) -> None:
    """Ten devices speak every twenty seconds."""

    def speak(second: int) -> None:
        if second % 20 == 0:
            for device in devices(10):
                house.send(device, house.clock.now(), heart_rate=float(60 + second % 7), humidity=40.0)

    house.live(seconds, speak)


def nothing_is_missing(house: House) -> None:
    """All that was sent is there once, and so is what it comes to."""
    assert house.archive.problem() == house.members[0].problem() == ""
    found = house.store.summaries("vitals", {}, T, house.clock.now(), 60)
    assert sum(rolled.fields["heart_rate"].count for rolled in found) == len(house.sent)
    assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR, until=house.clock.now()))


def test_a_full_disk_is_called_full_and_what_came_meanwhile_is_stored_when_there_is_room(
    house: House, own: InfluxOnDisk, disk: Disk
) -> None:
    lives(house, 300)
    assert house.archive.problem() == ""
    disk.fill()
    lives(house, 600)
    assert "it is full: no space is left on its disk" in house.archive.problem()
    disk.clear()
    house.live(30)
    # Room is not enough: the file that InfluxDB could not write to the end it does not touch again by itself.
    assert "it is full" in house.archive.problem()
    # At the first start it cuts off what is torn, and what it takes then lies behind a hole that the next start
    # would not read over. As docs/influx.md says: two starts before anybody writes.
    own.restart()
    own.restart()
    lives(house, 2700)
    house.live(90)
    nothing_is_missing(house)
    own.kill()
    own.start()
    nothing_is_missing(house)


def test_a_read_only_disk_is_called_so_and_what_came_meanwhile_is_stored_when_it_can_be_written(
    house: House, disk: Disk
) -> None:
    disk.remount("ro")
    lives(house, 600)
    assert "it is read-only: its disk cannot be written" in house.archive.problem()
    assert "it is full" not in house.archive.problem()
    disk.remount("rw")
    lives(house, 3000)
    house.live(90)
    nothing_is_missing(house)
