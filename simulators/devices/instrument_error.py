"""The instruments of a bedside monitor: their measurement error and their display resolution."""

import numpy as np

from simulators.patients.patients import VITALS
from simulators.random_streams import FloatArray

# Standard deviation of a displayed value around the true one, and the digits after the decimal point.
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
_FULL = 100.0  # an oximeter shows at most 100 %


def add_instrument_noise(truth: FloatArray, normals: FloatArray) -> FloatArray:
    """`truth` of shape (steps, patients, 6) plus Gaussian errors from `normals` of shape (steps, ≥ 6, patients)."""
    return truth + _SD * normals[:, : len(VITALS)].transpose(0, 2, 1)


def round_as_displayed(values: FloatArray, names: tuple[str, ...] = VITALS) -> FloatArray:
    """Values of the named signals (last axis), rounded as a monitor displays them; missing values stay NaN."""
    found = np.empty_like(values)
    for i, name in enumerate(names):
        found[..., i] = np.round(values[..., i], PRECISION.get(name, 1))
        if name == "spo2":
            # A healthy probe exceeds 100 % only slightly and is clipped; a faulty one may show any value.
            column = found[..., i]
            column[(column > _FULL) & (column < _FULL + 5)] = _FULL
    return found
