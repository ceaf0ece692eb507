"""The hidden state of patients: what happens to a body works on it with a delay, and it is never still.

Two kinds of channels, both of the form x ← a x + input, so that one recursion serves them all:

- an *influence* follows what happens to the patient with a time constant: y' = (u - y) / tau;
- a *wander* is an Ornstein-Uhlenbeck process: it strays by `sd` and comes back within about tau.
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
_I, _W = list(INFLUENCES), list(FLUCTUATIONS)


class BodyState:
    """All channels of all patients: shape (channels, patients), influences first."""

    def __init__(self, seed: int, names: list[str], period: float) -> None:
        taus = [INFLUENCES[i].tau for i in _I] + [FLUCTUATIONS[w].tau for w in _W]
        self._keep = np.exp(-period / np.array(taus))[:, None]
        sd = np.array([FLUCTUATIONS[w].sd for w in _W])[:, None]
        self._kick = sd * np.sqrt(1 - self._keep[len(_I) :] ** 2)
        begun = [generator(seed, "begin", name).standard_normal(len(_W)) for name in names]
        wandering = sd * np.array(begun).reshape(len(names), len(_W)).T
        self._x = np.concatenate([np.zeros((len(_I), len(names))), wandering])

    def jump(self, inputs: FloatArray, step: int, influence: int, patient: int, value: float) -> None:
        """Make an influence felt in full at a step, as if it had been there for long."""
        inputs[step, influence, patient] += value * self._keep[influence, 0] / (1 - self._keep[influence, 0])

    def run(self, inputs: FloatArray, chance: FloatArray) -> dict[str, dict[str, FloatArray]]:
        """Move on by as many steps as given.

        `inputs` has shape (steps, influences, patients), `chance` (steps, wanders, patients).
        Returns {"influence": …, "wander": …}, each by name with shape (steps, patients).
        """
        n = len(_I)
        pushes = np.concatenate([inputs * (1 - self._keep[:n]), chance * self._kick], axis=1)
        x = self._x
        for push in pushes:
            np.multiply(x, self._keep, out=x)
            np.add(x, push, out=x)
            push[:] = x
        return {
            "influence": {name: pushes[:, i] for i, name in enumerate(_I)},
            "wander": {name: pushes[:, n + i] for i, name in enumerate(_W)},
        }
