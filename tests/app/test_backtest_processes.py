"""A long backtest runs in several processes, and its result is that of one."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.backtests.backtest import Backtest
from app.backtests.device_shares import DeviceShares
from app.backtests.processes import run_in_processes
from app.backtests.report import notes
from app.backtests.run import process_count
from app.console.cli_context import config_of
from detectors.limits import Limits
from tests.app.calling import SHIPPED
from tests.app.past_ward import BEDS, LENGTH, write
from tests.config.test_shipped import shipped
from tests.detectors.builders import T0, at
from ward.adapters.sqlite.store import SqliteStore
from ward.errors import StoreUnavailable
from ward.inventory import Assignment, Device, Inventory, Stay
from ward.ports import Store


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a store with fifty minutes of three beds."""
    file = tmp_path_factory.mktemp("past") / "store.db"
    store = write(file)
    yield file
    store.close()


def backtest(path: Path, reopen: object = None) -> Backtest:
    opens = partial(SqliteStore, path, reading_only=True)
    return Backtest(opens(), config_of(SHIPPED, T0), at(0), at(LENGTH), warm_up=0, reopen=reopen or opens)  # type: ignore[arg-type]


def test_two_processes_give_the_result_of_one(path: Path) -> None:
    one, two = backtest(path), backtest(path)
    steps = list(one.run())
    reported = list(run_in_processes(two, 2))
    assert (reported[-1], sorted(reported)) == (steps[-1], reported)
    assert sorted(map(str, two.replayed.listed)) == sorted(map(str, one.replayed.listed))
    assert two.replayed.statistics_by_rule.keys() == one.replayed.statistics_by_rule.keys()
    for rule, wanted in one.replayed.statistics_by_rule.items():
        found = two.replayed.statistics_by_rule[rule]
        assert (found.severities, found.at_beds) == (wanted.severities, wanted.at_beds)
        assert sorted(found.durations) == sorted(wanted.durations)
    assert (two.readings, two.bed_days, two.begins) == (one.readings, one.bed_days, one.begins)
    assert (two.without_readings, two.beds_with_data) == (one.without_readings, len(BEDS))


@pytest.mark.parametrize(
    ("days", "beds", "cores", "count"),
    [
        (1, (), 8, 1),
        (3, (), 2, 2),
        (3, ("icu-01",), 2, 1),
        (3, BEDS, 64, 3),
        (3, (), 999, len(shipped().inventory.beds)),
    ],
)
def test_a_long_backtest_has_a_process_for_each_core_and_at_least_one_bed_for_each_process(
    path: Path, days: int, beds: tuple[str, ...], cores: int, count: int
) -> None:
    test = replace(backtest(path), end=at(days * 86_400), beds=beds)
    assert process_count(test, cores) == count


def test_all_beds_of_the_inventory_are_counted_and_one_without_beds_or_devices_needs_one_process(path: Path) -> None:
    test = replace(backtest(path), end=at(3 * 86_400))
    assert process_count(test, 999) == len(test.config.inventory.beds)
    assert process_count(replace(test, config=replace(test.config, inventory=Inventory())), 8) == 1


class Odd(Exception):
    """What cannot be received from another process."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def with_failure(path: Path) -> Store:
    """In a process of the backtest: a detector fails on every series."""

    def fail(*_: object) -> object:
        raise Odd("no", "idea")

    Limits.update = Limits.update_many = fail  # type: ignore[assignment, method-assign]
    return SqliteStore(path, reading_only=True)


def test_a_detector_that_fails_in_a_process_is_named_and_the_others_go_on(path: Path) -> None:
    test = backtest(path, partial(with_failure, path))
    list(run_in_processes(test, 2))
    found = {alert.rule for alert in test.replayed.listed}
    assert ("device-silent" in found, "desaturation" in found) == (True, False)
    assert list(test.replays[0].failures) == ["limits"]
    assert any("detectors/limits.py:1:1: the detector limits failed: Odd: no idea" in line for line in notes(test))


def unavailable() -> Store:
    raise StoreUnavailable("the store is away")


def killed() -> Store:
    os._exit(9)


@pytest.mark.parametrize(("opens", "words"), [(unavailable, "the store is away"), (killed, "ended early")])
def test_a_process_that_fails_or_dies_is_an_error(path: Path, opens: object, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words):
        list(run_in_processes(backtest(path, opens), 2))


def test_devices_of_one_bed_or_patient_are_in_one_share_and_the_beds_are_divided_evenly() -> None:
    def device(name: str, *beds: str) -> Device:
        return Device(id=name, device_kind="k", assignments=tuple(Assignment(ward="w", bed=bed) for bed in beds))

    inventory = Inventory(
        devices=[
            device("m1", "b1"), device("v1", "b1"), device("m2", "b2", "b3"), device("m3", "b3"), device("m4", "b4"),
            device("free"),
        ],
        stays=[Stay(patient="p", bed="b1"), Stay(patient="p", bed="b4"), Stay(patient="q", bed="b2")],
    )  # fmt: skip
    shares = DeviceShares([inventory], 3)
    of = {name: shares.of({"device": name}) for name in ("m1", "v1", "m2", "m3", "m4", "free", "x")}
    assert of["m1"] == of["v1"] == of["m4"]
    assert of["m2"] == of["m3"]
    assert len({of["m1"], of["m2"], of["free"]}) == 3, "three groups"
    assert 0 <= of["x"] < 3
    ward = shipped().inventory
    beds = [device for device in ward.devices.values() if device.assignments and device.assignments[0].bed]
    many = DeviceShares([ward], 2)
    counts = [sum(many.of({"device": one.id}) == number for one in beds) for number in (0, 1)]
    assert min(counts) >= 0.4 * sum(counts)
