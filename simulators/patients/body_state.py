"""The hidden state of patients: influences act on it with a delay, and fluctuations never stop.

Two kinds of channels, both of the form x ← a x + input, so that one recursion computes them all:

- an *influence* follows its input with a time constant: y' = (u - y) / tau;
- a *fluctuation* is an Ornstein-Uhlenbeck process with standard deviation `sd` and time constant `tau`.
"""

from typing import NamedTuple

import numpy as np

from simulators.random_streams import FloatArray, generator
from simulators.scenarios.influences import INFLUENCES


class Fluctuation(NamedTuple):
    """A process around 0 with standard deviation `sd` and time constant `tau` in seconds."""

    sd: float
    tau: float


FLUCTUATIONS = {
    "arousal": Fluctuation(0.3, 300),
    "heart_slow": Fluctuation(2.2, 480),
    "heart_fast": Fluctuation(1.0, 12),
    "pressure_slow": Fluctuation(2.3, 1200),
    "pressure_fast": Fluctuation(1.7, 40),
    "spo2": Fluctuation(0.3, 60),
    "breath_slow": Fluctuation(0.5, 600),
    "breath_fast": Fluctuation(0.8, 20),
    "temperature": Fluctuation(0.04, 1800),
}
_INFLUENCES, _FLUCTUATIONS = list(INFLUENCES), list(FLUCTUATIONS)


class BodyState:
    """All channels of all patients: shape (channels, patients), influences first."""

    def __init__(self, seed: int, names: list[str], period: float) -> None:
        taus = [INFLUENCES[i].tau for i in INFLUENCES] + [FLUCTUATIONS[w].tau for w in _FLUCTUATIONS]
        self._decay = np.exp(-period / np.array(taus))[:, None]
        sd = np.array([FLUCTUATIONS[w].sd for w in _FLUCTUATIONS])[:, None]
        self._innovation = sd * np.sqrt(1 - self._decay[len(_INFLUENCES) :] ** 2)
        drawn = [generator(seed, "begin", name).standard_normal(len(_FLUCTUATIONS)) for name in names]
        initial = sd * np.array(drawn).reshape(len(names), len(_FLUCTUATIONS)).T
        self._x = np.concatenate([np.zeros((len(_INFLUENCES), len(names))), initial])

    def jump(self, inputs: FloatArray, step: int, influence: int, patient: int, value: float) -> None:
        """Set an influence at a step to the value that it would have after a long time."""
        inputs[step, influence, patient] += value * self._decay[influence, 0] / (1 - self._decay[influence, 0])

    def run(self, inputs: FloatArray, normals: FloatArray) -> dict[str, dict[str, FloatArray]]:
        """Advance by the number of steps in `inputs`.

        `inputs` has shape (steps, influences, patients), `normals` (steps, fluctuations, patients).
        Returns {"influence": …, "fluctuation": …}, each by name with shape (steps, patients).
        """
        n = len(_INFLUENCES)
        pushes = np.concatenate([inputs * (1 - self._decay[:n]), normals * self._innovation], axis=1)
        x = self._x
        for push in pushes:
            np.multiply(x, self._decay, out=x)
            np.add(x, push, out=x)
            push[:] = x
        return {
            "influence": {name: pushes[:, i] for i, name in enumerate(_INFLUENCES)},
            "fluctuation": {name: pushes[:, n + i] for i, name in enumerate(_FLUCTUATIONS)},
        }
