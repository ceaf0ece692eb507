"""Readings in columns give the findings of the same readings one by one."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from app.console.cli_context import config_of
from detectors.engine.device_columns import DeviceColumns
from detectors.engine.engine import Engine
from tests.app.calling import SHIPPED
from tests.detectors.builders import T0, at
from tests.detectors.shipped_rules import changed, healthy
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import Finding
from ward.reading import Reading

BEDS = ("icu-01", "icu-02", "icu-03", "icu-04")
LENGTH = 1500.0
WINDOW = 300


def _readings(bed: str, seed: int) -> Iterator[Reading]:
    """Each bed has another thing wrong for some minutes: a deep value, a probe off, a monitor off, two of these."""
    for reading in healthy(f"mon-{bed}", LENGTH, seed):
        t = (reading.at - T0) / SECOND
        wrong = 400 <= t < 700
        if bed == "icu-01" and wrong:
            yield changed(reading, spo2=80.0 + int(t) % 3)
        elif bed == "icu-02" and wrong:
            yield changed(reading, spo2=None, heart_rate=None if int(t) % 7 else 160.0)
        elif bed != "icu-03" or not wrong:
            yield reading


@pytest.fixture(scope="module")
def config() -> Config:
    return config_of(SHIPPED, T0)


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    """All of them, received when they were measured, in the order of their times."""
    found = (r for seed, bed in enumerate(BEDS) for r in _readings(bed, seed))
    return sorted((_received_when_measured(reading) for reading in found), key=lambda r: r.at)


def _received_when_measured(reading: Reading) -> Reading:
    return Reading(device=reading.device, ward="icu", at=reading.at, received_at=reading.at, values=reading.values)


def columns_of(device: str, found: Sequence[Reading]) -> DeviceColumns:
    signals = tuple(sorted({name for reading in found for name in reading.values}))
    values = np.array([[reading.values.get(name, np.nan) for name in signals] for reading in found])
    return DeviceColumns(device, np.array([reading.at for reading in found], dtype=np.int64), signals, values)


def windows(readings: Sequence[Reading]) -> Iterator[tuple[list[Reading], int]]:
    for second in range(0, round(LENGTH), WINDOW):
        yield [r for r in readings if at(second) <= r.at < at(second + WINDOW)], at(second + WINDOW)


def one_by_one(config: Config, readings: Sequence[Reading]) -> list[Finding]:
    engine, found = Engine(config), []
    for window, end in windows(readings):
        for reading in window:
            found += engine.evaluate([reading]).findings
        found += engine.advance(end).findings
    return found


def in_columns(config: Config, readings: Sequence[Reading], of_columns: Sequence[str]) -> list[Finding]:
    """With these devices in columns as soon as the engine takes them, and the others as readings."""
    engine, found, in_columns = Engine(config), [], 0
    for window, end in windows(readings):
        takes = [device for device in of_columns if engine.indexer.takes_columns(device)]
        by_device = {device: [r for r in window if r.device == device] for device in takes}
        columns = [columns_of(device, mine) for device, mine in by_device.items() if mine]
        others = [r for r in window if r.device not in takes]
        found += engine.evaluate_columns(columns, others).findings + engine.advance(end).findings
        in_columns += len(columns)
    assert bool(in_columns) is bool(of_columns)
    return found


def in_order(findings: Sequence[Finding]) -> list[str]:
    return sorted(map(str, findings))


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_columns_give_the_findings_of_readings_one_by_one(config: Config, readings: list[Reading], count: int) -> None:
    wanted = one_by_one(config, readings)
    assert {"desaturation", "signal-missing", "device-silent"} <= {finding.rule for finding in wanted}
    assert in_order(in_columns(config, readings, [f"mon-{bed}" for bed in BEDS[:count]])) == in_order(wanted)


def test_an_engine_takes_columns_of_known_devices_without_anything_to_derive(
    config: Config, readings: list[Reading]
) -> None:
    engine = Engine(config)
    assert not engine.indexer.takes_columns("mon-icu-01"), "not known yet"
    skewed = Reading(
        device="mon-icu-02", ward="icu", at=T0, received_at=T0, device_time=T0 - 9 * SECOND, flags=16, values={}
    )
    logger = Reading(device="0-ZZZ12345678-08K", ward="imaging", at=T0, received_at=T0, values={"humidity": 50.0})
    unregistered = Reading(device="x9", ward="icu", at=T0, received_at=T0, values={"heart_rate": 70.0})
    engine.evaluate([readings[0], skewed, logger, unregistered])
    known = (readings[0].device, skewed.device, logger.device, unregistered.device)
    assert [engine.indexer.takes_columns(device) for device in known] == [True, False, False, False]


def test_nothing_at_all_is_no_finding(config: Config) -> None:
    assert Engine(config).evaluate_columns([], []).findings == []
