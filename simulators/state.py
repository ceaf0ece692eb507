"""The hidden state of patients: what happens to a body works on it with a delay, and it is never still.

Two kinds of channels, both of the form x ← a x + input, so that one recursion serves them all:

- an *influence* follows what happens to the patient with a time constant: y' = (u - y) / tau;
- a *wander* is an Ornstein-Uhlenbeck process: it strays by `sd` and comes back within about tau.
"""

from typing import NamedTuple

import numpy as np

from simulators.noise import Floats, generator


class Influence(NamedTuple):
    """Something that can happen to a patient, in `unit`, felt with time constant `tau` in seconds."""

    unit: str
    tau: float
    about: str


class Wander(NamedTuple):
    """A process around 0 with standard deviation `sd` and time constant `tau` in seconds."""

    sd: float
    tau: float


INFLUENCES = {
    "fever": Influence("°C", 600, "the body's set point of temperature is raised"),
    "blood_loss": Influence("share of the blood volume", 60, "volume is missing"),
    "vasodilation": Influence("0 to 1", 180, "vessels lose their tone, as in septic shock"),
    "desaturation": Influence("% SpO2", 20, "the blood takes up less oxygen"),
    "respiratory_drive": Influence("/min", 40, "the wish to breathe, negative under opioids"),
    "vagal_tone": Influence("/min of heart rate", 12, "the heart's own rhythm is slowed"),
    "arousal": Influence("0 to 1", 45, "pain, fear, effort"),
    "asphyxia": Influence("% SpO2", 120, "a heart that has been without oxygen for minutes (follows by itself)"),
}
WANDERS = {
    "arousal": Wander(0.3, 300),
    "heart_slow": Wander(2.2, 480),
    "heart_fast": Wander(1.0, 12),
    "pressure_slow": Wander(2.3, 1200),
    "pressure_fast": Wander(1.7, 40),
    "spo2": Wander(0.3, 60),
    "breath_slow": Wander(0.5, 600),
    "breath_fast": Wander(0.8, 20),
    "temperature": Wander(0.04, 1800),
}
_I, _W = list(INFLUENCES), list(WANDERS)


class State:
    """All channels of all patients: shape (channels, patients), influences first."""

    def __init__(self, seed: int, names: list[str], period: float) -> None:
        taus = [INFLUENCES[i].tau for i in _I] + [WANDERS[w].tau for w in _W]
        self._keep = np.exp(-period / np.array(taus))[:, None]
        sd = np.array([WANDERS[w].sd for w in _W])[:, None]
        self._kick = sd * np.sqrt(1 - self._keep[len(_I) :] ** 2)
        begun = [generator(seed, "begin", name).standard_normal(len(_W)) for name in names]
        wandering = sd * np.array(begun).reshape(len(names), len(_W)).T
        self._x = np.concatenate([np.zeros((len(_I), len(names))), wandering])

    def jump(self, inputs: Floats, step: int, influence: int, patient: int, value: float) -> None:
        """Make an influence felt in full at a step, as if it had been there for long."""
        inputs[step, influence, patient] += value * self._keep[influence, 0] / (1 - self._keep[influence, 0])

    def run(self, inputs: Floats, chance: Floats) -> dict[str, dict[str, Floats]]:
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
