"""The baselines of patients: the values to which a healthy body returns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulators.random_streams import FloatArray, generator


@dataclass(frozen=True, slots=True)
class Baselines:
    """Baselines, each an array of shape (patients,).

    `age` in years, `fitness` from 0 to 1, `phase_advance` in hours by which the circadian rhythm is early.
    Ranges are narrow on purpose: stable patients whose values stay within conservative limits, not a
    sample of a population.
    """

    age: FloatArray
    fitness: FloatArray
    phase_advance: FloatArray
    heart_rate: FloatArray
    highest_heart_rate: FloatArray
    systolic: FloatArray
    pulse_pressure: FloatArray
    spo2: FloatArray
    temperature: FloatArray
    respiratory_rate: FloatArray


def draw_baselines(seed: int, names: Sequence[str]) -> Baselines:
    """Baselines for each name; they depend only on the seed and the name."""
    own = [generator(seed, "person", name) for name in names]
    age = np.array([g.uniform(24, 88) for g in own])
    fitness = np.array([g.uniform(0, 1) for g in own])
    years_over_24 = age - 24
    normals = np.array([g.standard_normal(6) for g in own]).reshape(len(own), 6).T
    return Baselines(
        age=age,
        fitness=fitness,
        phase_advance=0.7 * normals[0],
        heart_rate=np.clip(73 - 12 * (fitness - 0.5) + 2 * normals[1], 62, 81),
        # Tanaka, Monahan, Seals (2001), J Am Coll Cardiol 37: 208 - 0.7 age.
        highest_heart_rate=208 - 0.7 * age,
        systolic=np.clip(117 + 0.17 * years_over_24 + 2 * normals[2], 116, 131),
        pulse_pressure=np.clip(38 + 0.14 * years_over_24 + 2 * normals[3], 35, 50),
        spo2=np.clip(98.3 - 0.018 * years_over_24 + 0.3 * normals[4], 96.8, 98.6),
        temperature=np.clip(36.75 + 0.1 * normals[5], 36.55, 36.95),
        respiratory_rate=np.clip(15 - 1.2 * (fitness - 0.5) + 0.7 * normals[0], 13.3, 16.8),
    )
