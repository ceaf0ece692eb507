"""The past rolled up: once, whole, and from where a death left it."""

import json
from pathlib import Path

import pytest

from rollups.backfill import Backfill
from rollups.points import HOURS
from rollups.roller import Roller
from tests.rollups.house import HOUR, MINUTE, House, T, devices, same
from ward.clock import SECOND
from ward.errors import StoreUnavailable
from ward.metrics import Metrics
from ward.policy import Policy


def filled(folder: Path) -> House:
    """Ten hours that nobody has rolled up."""
    house = House(folder)
    house.members.pop().close()
    for at in range(T, T + 10 * HOUR, 5 * MINUTE):
        for device in devices(3):
            house.send(device, at + 7 * SECOND, heart_rate=float(at // MINUTE % 90))
    house.clock.advance(12 * 3600)
    house.step()
    return house


def job(house: House, file: Path, start: int = T, end: int = T + 10 * HOUR) -> Backfill:
    return Backfill(Roller(house.mortal, Metrics()), start, end, file)  # type: ignore[arg-type]


def test_a_stretch_is_rolled_up_whole_and_again_changes_nothing(tmp_path: Path) -> None:
    house, file = filled(tmp_path), tmp_path / "backfill.json"
    for _ in range(2):
        done = list(job(house, file).run(house.clock.now()))
        assert done == list(range(T + HOURS, T + 10 * HOUR + 1, HOURS))
        assert same(house.rolled(Policy.MINUTES), house.truth(MINUTE))
        assert same(house.rolled(Policy.HOURS), house.truth(HOUR))
        assert not file.exists()
    house.store.close()


def test_only_hours_that_the_stretch_touches_are_rolled(tmp_path: Path) -> None:
    house = filled(tmp_path)
    list(job(house, tmp_path / "b", T + HOUR + 1, T + 3 * HOUR - 1).run(house.clock.now()))
    assert {at - at % HOUR for _, _, at, _ in house.rolled(Policy.MINUTES)} == {T + HOUR, T + 2 * HOUR}
    house.store.close()


def test_an_hour_that_goes_on_gets_its_minutes_only(tmp_path: Path) -> None:
    house = filled(tmp_path)
    list(job(house, tmp_path / "b").run(T + 9 * HOUR + HOUR // 2))
    assert max(at for _, _, at, _ in house.rolled(Policy.HOURS)) == T + 8 * HOUR
    assert max(at for _, _, at, _ in house.rolled(Policy.MINUTES)) == T + 9 * HOUR + 55 * MINUTE
    house.store.close()


def test_after_a_death_the_same_stretch_goes_on_and_another_begins_anew(tmp_path: Path) -> None:
    house, file = filled(tmp_path), tmp_path / "data" / "backfill.json"
    running = job(house, file).run(house.clock.now())
    for _ in range(4):
        next(running)
    del running  # killed
    assert job(house, file).done == T + 4 * HOUR
    assert job(house, file, T, T + 9 * HOUR).done == T
    house.mortal.away = True
    with pytest.raises(StoreUnavailable):
        list(job(house, file).run(house.clock.now()))
    house.mortal.away = False
    assert len(list(job(house, file).run(house.clock.now()))) == 6
    assert same(house.rolled(Policy.HOURS), house.truth(HOUR))
    house.store.close()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"from": 3}', '{"from": null, "to": null, "done": "x"}'])
def test_a_torn_memory_of_how_far_it_was_begins_anew(tmp_path: Path, text: str) -> None:
    house, file = filled(tmp_path), tmp_path / "b"
    file.write_text(text)
    assert job(house, file).done == T
    next(job(house, file).run(house.clock.now()))
    good = json.loads(file.read_text())
    file.write_text(json.dumps(good | {"done": "1970-01-01T00:00:00Z"}))
    assert job(house, file).done == T
    house.store.close()
