"""The shipped rules about cohorts: a healthy ward is silent, and one sensor that drifts from the others is found."""

from functools import cache

import numpy as np
import pytest

from detectors.beds.config_view import bed_config
from detectors.engine.engine import Engine
from simulators.devices.humidity_loggers import HumidityLoggers
from tests.detectors.builders import T0, at, ward
from tests.detectors.shipped_rules import shipped
from tests.detectors.test_slow_drift import DAYS, STEP, thermometers
from ward.config.config import Config
from ward.finding import Finding
from ward.inventory import Assignment, Device, Inventory
from ward.reading import Reading

PERIOD, LOGGER_DAYS, LOGGERS = 1800, 10, 20
# Of the values of a thermometer every so many are enough for means of days.
SELDOM = 8


def findings(config: Config, signal: str, step: int, values: np.ndarray, chunk: int = 400) -> list[Finding]:
    """The findings of both stages on values (steps, devices) of the devices `m1`, `m2` …"""
    devices, cohorts = Engine(config, scope="device"), Engine(bed_config(config), scope="bed")
    found: list[Finding] = []
    for start in range(0, len(values), chunk):
        forwarded = devices.evaluate(
            measured(i, (start + n) * step + i, signal, float(x))
            for n, line in enumerate(values[start : start + chunk]) for i, x in enumerate(line)
        ).bed_readings  # fmt: skip
        found += cohorts.evaluate(one.reading for one in forwarded).findings
        found += cohorts.advance(at(min(start + chunk, len(values)) * step)).findings
    return found


def measured(device: int, t: float, signal: str, x: float) -> Reading:
    name = f"m{device + 1}"
    return Reading(device=name, ward="w1", at=at(t), received_at=at(t), values={signal: round(x, 1)})


@pytest.mark.parametrize("seed", [1, 2])
def test_a_thermometer_that_drifts_is_found_while_all_others_warm_with_the_season(seed: int) -> None:
    values = thermometers(seed)[::SELDOM]
    step = STEP * SELDOM
    config = ward(shipped()["temperature-unlike-others"], devices=values.shape[1], signals={"temperature": float(step)})
    values = values + np.linspace(0, 1, len(values))[:, None]
    assert findings(config, "temperature", step, values) == []
    values[:, 6] += 0.5 * np.linspace(0, 1, len(values))
    (found,) = findings(config, "temperature", step, values)
    assert (found.device, found.transition, found.severity) == ("m7", "raised", "low")
    assert 8 < (found.at - at(0)) / 86_400e6 < DAYS
    assert found.text.endswith("above what 19 others of its kind show: check probe")


@cache
def humidity() -> np.ndarray:
    """What the loggers of ten rooms measure, (steps, loggers)."""
    loggers = [
        Device(id=f"m{i + 1}", device_kind="humidity_logger", assignments=(), attached=f"CT{i // 2}")
        for i in range(LOGGERS)
    ]
    return HumidityLoggers(loggers, seed=3, start=T0, period=PERIOD).advance(LOGGER_DAYS * 86_400 // PERIOD).humidity


def suite() -> Config:
    rule = shipped()["humidity-unlike-others"]
    made = ward(rule, devices=0)
    here = (Assignment(ward="w1"),)
    devices = [Device(id=f"m{i + 1}", device_kind="humidity_logger", assignments=here) for i in range(LOGGERS)]
    inventory = Inventory(
        wards=made.inventory.wards.values(), device_kinds=made.inventory.device_kinds.values(), devices=devices
    )
    return Config("suite", made.catalogue, inventory, (rule,))


def test_loggers_in_rooms_that_vary_are_silent_and_the_one_that_drifts_is_found() -> None:
    values = humidity().copy()
    assert findings(suite(), "humidity", PERIOD, values) == []
    values[:, 4] -= np.maximum(0, np.arange(len(values)) * PERIOD / 86_400 - 4)  # 1 % a day
    found = findings(suite(), "humidity", PERIOD, values)
    assert [(one.device, one.transition) for one in found] == [("m5", "raised")]
    assert "below what 19 others of its kind show" in found[0].text
