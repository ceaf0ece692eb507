"""The imaging suite and its humidity loggers."""

import json

import numpy as np
import pytest

from simulators.devices.humidity_loggers import HumidityLoggers
from simulators.devices.imaging_devices import MACHINES, imaging_loggers
from simulators.faults import load_fault
from ward.clock import SECOND, parse_instant
from ward.ids import is_id

START = 1_764_000_000 * SECOND


def test_the_suite_has_51_machines_and_a_fleet_of_any_size_is_spread_over_them() -> None:
    assert len(MACHINES) == len(set(MACHINES)) == 51
    for count in (102, 2086):
        fleet = imaging_loggers(count)
        assert len({d.id for d in fleet}) == count
        assert all(is_id(d.id) and is_id(d.attached) for d in fleet)
        by_machine = [sum(d.attached == m for d in fleet) for m in MACHINES]
        assert max(by_machine) - min(by_machine) <= 1
    assert imaging_loggers(2086)[:102] == imaging_loggers(102)


def test_humidity_is_that_of_a_room_and_loggers_of_a_room_agree() -> None:
    fleet = imaging_loggers(102)
    loggers = HumidityLoggers(fleet, seed=1, start=START)
    humidity = loggers.advance(1440).humidity
    assert humidity.min() > 30
    assert humidity.max() < 70
    assert np.array_equal(humidity, np.round(humidity, 1))
    same_room = np.abs(humidity[:, :51] - humidity[:, 51:]).mean()
    other_room = np.abs(humidity[:, :50] - humidity[:, 1:51]).mean()
    assert same_room < 1.2
    assert other_room > 3
    x = humidity - humidity.mean(axis=0)
    assert 0.9 < (x[1:] * x[:-1]).mean() / (x * x).mean() < 0.999, "a room changes slowly"


def test_a_logger_does_not_depend_on_others_or_on_the_step_size() -> None:
    fleet = imaging_loggers(102)
    all_of_them = HumidityLoggers(fleet, seed=1, start=START).advance(60)
    one = HumidityLoggers(fleet[7:8], seed=1, start=START)
    found = [one.advance(n) for n in (1, 1, 57, 1)]
    assert np.array_equal(np.concatenate([f.humidity for f in found])[:, 0], all_of_them.humidity[:, 7])
    assert np.array_equal(np.concatenate([f.at for f in found])[:, 0], all_of_them.at[:, 7])
    assert not np.array_equal(
        HumidityLoggers(fleet[7:8], seed=2, start=START).advance(60).humidity, all_of_them.humidity[:, 7:8]
    )


def test_its_message_has_the_manufacturers_format() -> None:
    fleet = imaging_loggers(4)
    loggers = HumidityLoggers(fleet, seed=1, start=START)
    first = json.loads(loggers.write(0, START + 39_447_974, 71.7))
    assert first == {
        "guid": "0-ZZZ12345678-08K",
        "destination": "0-AAA12345678",
        "medicalImagingdevice": "MRI 1",
        "eventTime": "2025-11-24T16:00:39.447974Z",
        "payload": {"format": "urn:example:sensor:humidity", "data": {"humidity": 71.7}},
    }
    assert parse_instant(first["eventTime"]) == START + 39_447_974
    spelled = [json.loads(loggers.write(i, START, 50.0)) for i in range(4)]
    assert [next((k, m[k]) for k in m if "maging" in k) for m in spelled] == [
        ("medicalImagingdevice", "MRI 1"), ("medicalimagingdevice", "MRI 2"),
        ("medicalImagingdevice", "MRI3"), ("medicalimagingdevice", "MRI4"),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "touched"), [("probe_off", False), ("reboot", True), ("clock_step", False)])
def test_only_faults_of_whole_devices_affect_a_logger(name: str, touched: bool) -> None:
    fleet = imaging_loggers(2)
    well, ill = HumidityLoggers(fleet, seed=1, start=START), HumidityLoggers(fleet, seed=1, start=START)
    ill.begin_fault(0, load_fault(name), at=600)
    before, after = well.advance(30).humidity, ill.advance(30).humidity
    assert np.array_equal(before[:, 1], after[:, 1])
    assert np.isnan(after[:, 0]).any() == touched
    there = ~np.isnan(after[:, 0])
    assert np.array_equal(before[there, 0], after[there, 0])
