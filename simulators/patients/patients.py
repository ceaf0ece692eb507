"""Patients: six vital signs that follow from one state of the body.

    what happens (scenarios) ─▶ influences, delayed ─┐
    chance, one stream a patient ─▶ wanders ─────────┼─▶ laws ─▶ heart rate, pressures, SpO2, temperature, respiration
    the person, the time of day ─────────────────────┘

All is feed-forward: nothing depends on the vital signs themselves, only on what drives them. So a
thousand steps are computed at once, and are exactly those that single steps would have given.
The laws are textbook sizes, good for software to be tried on and for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulators.patients.baselines import draw_baselines
from simulators.patients.body_state import FLUCTUATIONS, BodyState
from simulators.random_streams import FloatArray, Streams
from simulators.scenarios import Scenario
from simulators.scenarios.influences import INFLUENCES
from ward.clock import SECOND, Micros

VITALS = ("heart_rate", "systolic_bp", "diastolic_bp", "spo2", "temperature", "respiratory_rate")
SPARE = 8  # streams left for the instruments: one a vital sign, and two for when they measure
_INDEX = {name: i for i, name in enumerate(INFLUENCES)}
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario of one patient, begun at a time in seconds since the start, at a speed."""

    patient: int
    scenario: Scenario
    begun: float
    speed: float


class Patients:
    """A ward full of them, on a grid of steps `period` seconds apart.

    `advance(n)` gives what is true, and the chance left over for measuring it.
    """

    def __init__(self, names: Sequence[str], *, seed: int, start: Micros = 0, period: float = 2.5) -> None:
        self.persons = draw_baselines(seed, names)
        self.count = len(names)
        self._streams = Streams(seed, names, len(FLUCTUATIONS) + SPARE)
        self._state = BodyState(seed, list(names), period)
        self._period = period
        self._start = start / SECOND
        self._step = 0
        self._courses: list[ScenarioRun] = []

    def begin(self, patient: int, scenario: Scenario, at: float | None = None, speed: float = 1.0) -> None:
        """Let a scenario happen to a patient, `at` seconds since the start, by default now.

        Raises `ValueError` for a time that has already been computed.
        """
        now = self._step * self._period
        begun = now if at is None else at
        if begun < now:
            raise ValueError(f"a scenario cannot begin at {begun:g} s: the patient is already at {now:g} s")
        self._courses.append(ScenarioRun(patient, scenario, begun, speed * scenario.speed))

    def advance(self, steps: int) -> tuple[FloatArray, FloatArray]:
        """The next `steps` steps: vital signs of shape (steps, patients, 6) in the order of `VITALS`, and
        standard normal numbers of shape (steps, SPARE, patients)."""
        chance = self._streams.take(steps)
        t = np.arange(self._step, self._step + steps, dtype=np.float64) * self._period
        self._step += steps
        inputs = self._inputs(t)
        moved = self._state.run(inputs, chance[:, : len(FLUCTUATIONS)])
        return self._vitals(t, moved["influence"], moved["wander"]), chance[:, len(FLUCTUATIONS) :]

    def _inputs(self, t: FloatArray) -> FloatArray:
        inputs = np.zeros((len(t), len(INFLUENCES), self.count))
        for course in self._courses:
            since = (t - course.begun) * course.speed
            if since[-1] < 0:
                continue
            for what, (times, values) in course.scenario.knots.items():
                inputs[:, _INDEX[what], course.patient] += np.interp(since, times, values, left=0.0)
            if course.scenario.settled and since[0] < course.speed * self._period:
                self._settle(inputs, int(np.argmax(since >= 0)), course)
        # Who does not breathe desaturates; a heart without oxygen for minutes slows in the end.
        breathless = np.maximum(0.0, -inputs[:, _INDEX["respiratory_drive"]] - 5)
        inputs[:, _INDEX["desaturation"]] += 2.5 * breathless
        inputs[:, _INDEX["asphyxia"]] = np.maximum(0.0, inputs[:, _INDEX["desaturation"]] - 22)
        return inputs

    def _settle(self, inputs: FloatArray, step: int, course: ScenarioRun) -> None:
        for what, (times, values) in course.scenario.knots.items():
            value = float(np.interp(0.0, times, values))
            self._state.jump(inputs, step, _INDEX[what], course.patient, value)

    def _rhythm(self, t: FloatArray, peak: float) -> FloatArray:
        """From -1 to 1 over the day, highest at `peak` o'clock (UTC), a little earlier or later by person."""
        hours = (self._start + t) % _DAY / 3600
        return np.cos((hours[:, None] - peak + self.persons.lark) * (2 * np.pi / 24))

    def _vitals(self, t: FloatArray, y: dict[str, FloatArray], w: dict[str, FloatArray]) -> FloatArray:
        p = self.persons
        fever, loss, slack, asphyxia = y["fever"], y["blood_loss"], y["vasodilation"], y["asphyxia"]
        day = self._rhythm(t, 15.0)
        arousal = y["arousal"] + np.maximum(0.0, w["arousal"]) * (0.6 + 0.4 * day)
        saturation = p.spo2 - y["desaturation"] - 3 * slack - 10 * np.maximum(0.0, loss - 0.3)
        # Carotid bodies answer to hypoxia, not to the small ups and downs of a healthy saturation.
        hypoxia = np.clip(94 - saturation, 0.0, 30.0)
        # An opioid takes away the very answer that hypoxia would get.
        awake = np.clip(1 + y["respiratory_drive"] / 6, 0.0, 1.0)
        # Shock by class of blood loss (15, 30, 40 %): pressure holds until about a quarter is gone, then falls fast.
        collapse = 0.25 * loss + 2.2 * np.maximum(0.0, loss - 0.22)
        systolic = (
            p.systolic * (1 - collapse) + 4.5 * day + 8 * arousal - 42 * slack - 0.35 * y["vagal_tone"]
            + 0.3 * hypoxia - 1.2 * asphyxia + w["pressure_slow"] + w["pressure_fast"]
        )  # fmt: skip
        systolic = np.maximum(systolic, 32.0)
        pulse = p.pulse_pressure * (1 - 1.6 * loss) + 3 * arousal - 4 * slack + 0.25 * y["vagal_tone"]
        # Fever: 8 to 10 beats a minute and 2 to 3 breaths a degree. The baroreflex takes back a part of each swing.
        heart = (
            p.heart_rate + 3.5 * day + 13 * arousal + 8.8 * fever + 160 * loss + 32 * slack + 1.1 * hypoxia
            - y["vagal_tone"] * (p.heart_rate / 72) - 3.9 * asphyxia - 0.2 * w["pressure_fast"]
            + w["heart_slow"] + w["heart_fast"]
        )  # fmt: skip
        breath = (
            p.respiratory_rate + 0.5 * day + 2.5 * arousal + 2.4 * fever + 40 * np.maximum(0.0, loss - 0.1)
            + 9 * slack + 0.9 * hypoxia * awake + y["respiratory_drive"] - 0.5 * asphyxia
            + w["breath_slow"] + w["breath_fast"]
        )  # fmt: skip
        return np.stack(
            [
                np.clip(heart, 18.0, p.highest_heart_rate),
                systolic,
                systolic - np.clip(pulse, 10.0, systolic - 14),
                np.clip(saturation + w["spo2"], 30.0, 100.0),
                p.temperature + 0.28 * self._rhythm(t, 17.5) + fever - 2.5 * loss + w["temperature"],
                np.clip(breath, 5.0, 60.0),
            ],
            axis=-1,
        )
