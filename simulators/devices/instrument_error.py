"""A bedside monitor's instruments: what they add to the truth, and how finely they show it."""

import numpy as np

from simulators.patients.patients import VITALS
from simulators.random_streams import FloatArray

# Standard deviation of one displayed value around the truth, and the digits shown after the point.
# Pressures are those of an arterial line: a cuff every 5 to 15 minutes could not give six vital
# signs every two or three seconds.
_ERRORS = {
    "heart_rate": (0.5, 0),
    "systolic_bp": (1.2, 0),
    "diastolic_bp": (1.0, 0),
    "spo2": (0.4, 0),
    "temperature": (0.02, 1),
    "respiratory_rate": (0.5, 0),
}
_SD = np.array([_ERRORS[name][0] for name in VITALS])
PRECISION = {name: digits for name, (_, digits) in _ERRORS.items()}
_FULL = 100.0  # no oximeter shows more


def add_instrument_noise(truth: FloatArray, chance: FloatArray) -> FloatArray:
    """What analogue electronics make of the truth. `truth` (steps, patients, 6), `chance` (steps, ≥ 6, patients)."""
    return truth + _SD * chance[:, : len(VITALS)].transpose(0, 2, 1)


def round_as_displayed(values: FloatArray, names: tuple[str, ...] = VITALS) -> FloatArray:
    """Values of the named signals along the last axis, rounded as a monitor shows them; missing ones stay NaN."""
    found = np.empty_like(values)
    for i, name in enumerate(names):
        found[..., i] = np.round(values[..., i], PRECISION.get(name, 1))
        if name == "spo2":
            # A probe that lies (a fault) may show anything; a good one only ever overshoots a little.
            column = found[..., i]
            column[(column > _FULL) & (column < _FULL + 5)] = _FULL
    return found
