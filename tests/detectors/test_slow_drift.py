"""The shipped rule finds a drift of 0.3 °C in 21 days of one of twenty thermometers, and nothing else."""

import numpy as np
import pytest

from detectors.engine.engine import Engine
from tests.detectors.builders import at, reading, ward
from tests.detectors.shipped_rules import shipped
from ward.finding import Finding, Transition

DAYS, STEP, BEDS = 21, 300, 20


def thermometers(seed: int) -> np.ndarray:
    """Body temperatures (step, bed): a baseline, a day's rhythm, hours of autocorrelation, days that differ, and
    an instrument's noise and 0.1 °C steps. None of them drifts."""
    rng = np.random.default_rng(seed)
    steps = DAYS * 86_400 // STEP
    t = np.arange(steps)[:, None] * STEP / 86_400
    rhythm = rng.uniform(0.2, 0.45, BEDS) * np.sin(2 * np.pi * (t - rng.uniform(0.3, 0.5, BEDS)))
    slow, rho = np.zeros((steps, BEDS)), np.exp(-STEP / 1800)
    for i in range(1, steps):
        slow[i] = rho * slow[i - 1] + np.sqrt(1 - rho**2) * rng.normal(0, 0.1, BEDS)
    days = np.repeat(rng.normal(0, 0.03, (DAYS, BEDS)), 86_400 // STEP, axis=0)
    return rng.normal(36.8, 0.2, BEDS) + rhythm + slow + days + rng.normal(0, 0.05, (steps, BEDS))


def findings(values: np.ndarray) -> list[Finding]:
    """The findings of the shipped rule."""
    engine = Engine(ward(shipped()["slow-drift"], devices=BEDS, signals={"temperature": float(STEP)}))
    found: list[Finding] = []
    for start in range(0, len(values), 200):
        found += engine.evaluate([
            reading(f"m{bed + 1}", (start + i) * STEP + bed, temperature=round(float(x), 1))
            for i, line in enumerate(values[start : start + 200]) for bed, x in enumerate(line)
        ]).findings  # fmt: skip
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_a_drift_of_a_third_of_a_degree_in_three_weeks_is_found_and_nothing_else(seed: int) -> None:
    values = thermometers(seed)
    values[:, 6] += 0.3 * np.linspace(0, 1, len(values))
    found = findings(values)
    assert [(f.device, f.transition) for f in found] == [("m7", Transition.RAISED)]
    assert 8 < (found[0].at - at(0)) / 86_400e6 < 20
    assert "above its usual" in found[0].text
    assert "check probe" in found[0].text
