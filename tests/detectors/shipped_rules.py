"""The rules of `config/detectors.yaml`, and readings to try them on."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from app.settings.config_reader import config_reader
from tests.app.calling import ADDRESSES
from tests.detectors.builders import T0, at
from ward.config.rule import Rule
from ward.reading import Reading
from ward.signals import Catalogue, Signal

FILE = Path(__file__).parents[2] / "config" / "detectors.yaml"

# Mean, standard deviation, steps and plausible range of a healthy patient's signals.
VITALS = {
    "heart_rate": (74.0, 4.0, 1.0, 15, 300), "systolic_bp": (120.0, 5.0, 1.0, 30, 300),
    "diastolic_bp": (76.0, 5.0, 1.0, 10, 220), "spo2": (97.0, 0.7, 1.0, 30, 100),
    "temperature": (36.8, 0.05, 0.1, 25, 45), "respiratory_rate": (15.0, 1.5, 1.0, 0, 80),
}  # fmt: skip
FACTS = (
    "lost_readings", "late_readings", "duplicate_readings", "reboots", "clock_skew", "readings_ahead", "source_changes",
    "connections",
)  # fmt: skip

CATALOGUE = Catalogue(
    {n: Signal(name=n, label=n, unit="1", display="", precision=int(step < 1), low=low, high=high, every=2.5)
     for n, (_, _, step, low, high) in VITALS.items()}
    | {n: Signal(name=n, label=n, unit="1", display="", precision=0) for n in (*FACTS, "humidity", "battery", "online")}
)  # fmt: skip


@cache
def shipped() -> dict[str, Rule]:
    """All of them, by name, as the programs read them. Those of `thresholds.yaml` are in the config too."""
    text = FILE.read_text(encoding="utf-8")
    rules = config_reader(FILE.parent, ADDRESSES)(T0).rules
    return {rule.name: rule for rule in rules if f"\n  {rule.name}:\n" in text}


def healthy(device: str, seconds: float, seed: int) -> Iterator[Reading]:
    """Vital signs of somebody who is well: each wanders within minutes and jitters from reading to reading."""
    rng = np.random.default_rng(seed)
    n, rho = round(seconds / 2.5), np.exp(-2.5 / 90)
    wander = np.zeros((n, len(VITALS)))
    for i in range(1, n):
        wander[i] = rho * wander[i - 1] + np.sqrt(1 - rho**2) * rng.normal(size=len(VITALS))
    unit = 0.85 * wander + 0.53 * rng.normal(size=wander.shape)
    mean, sd, step, _, high = np.array([*VITALS.values()]).T
    shown = np.minimum(np.round((mean + sd * unit) / step) * step, high).tolist()
    for i, row in enumerate(shown):
        t = 2.5 * i + rng.uniform(0, 0.25)
        values = dict(zip(VITALS, row, strict=True))
        yield Reading(device=device, ward="w1", at=at(t), received_at=at(t) + 30_000, values=values)


def changed(reading: Reading, **values: float | None) -> Reading:
    """With other values; None takes one out."""
    merged = {**reading.values, **values}
    return replace(reading, values={name: x for name, x in merged.items() if x is not None})


def doubted(reading: Reading, **values: float) -> Reading:
    """With some values that cannot be true."""
    return replace(changed(reading, **dict.fromkeys(values)), implausible=values)
