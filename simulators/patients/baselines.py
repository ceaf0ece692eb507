"""Who a patient is when nothing is wrong: the values this body returns to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulators.random_streams import FloatArray, generator


@dataclass(frozen=True, slots=True)
class Baselines:
    """Baselines, each an array of shape (patients,).

    `age` in years, `fitness` from 0 to 1, `lark` how many hours the day's rhythm runs ahead.
    Ranges are narrow on purpose: these are patients of a ward on a good day, whom conservative
    limits leave alone, and not a sample of a population.
    """

    age: FloatArray
    fitness: FloatArray
    lark: FloatArray
    heart_rate: FloatArray
    highest_heart_rate: FloatArray
    systolic: FloatArray
    pulse_pressure: FloatArray
    spo2: FloatArray
    temperature: FloatArray
    respiratory_rate: FloatArray


def draw_baselines(seed: int, names: Sequence[str]) -> Baselines:
    """A person for each name, following from the seed and the name alone."""
    own = [generator(seed, "person", name) for name in names]
    age = np.array([g.uniform(24, 88) for g in own])
    fitness = np.array([g.uniform(0, 1) for g in own])
    beyond = age - 24
    varied = np.array([g.standard_normal(6) for g in own]).reshape(len(own), 6).T
    return Baselines(
        age=age,
        fitness=fitness,
        lark=0.7 * varied[0],
        heart_rate=np.clip(73 - 12 * (fitness - 0.5) + 2 * varied[1], 62, 81),
        # Tanaka, Monahan, Seals (2001), J Am Coll Cardiol 37: 208 - 0.7 age.
        highest_heart_rate=208 - 0.7 * age,
        systolic=np.clip(117 + 0.17 * beyond + 2 * varied[2], 116, 131),
        pulse_pressure=np.clip(38 + 0.14 * beyond + 2 * varied[3], 35, 50),
        spo2=np.clip(98.3 - 0.018 * beyond + 0.3 * varied[4], 96.8, 98.6),
        temperature=np.clip(36.75 + 0.1 * varied[5], 36.55, 36.95),
        respiratory_rate=np.clip(15 - 1.2 * (fitness - 0.5) + 0.7 * varied[0], 13.3, 16.8),
    )
