"""Patients: six vital signs that follow from one state of the body.

    scenarios ─▶ influences, delayed ───────────────────┐
    random numbers of each patient ─▶ fluctuations ─────┼─▶ equations ─▶ heart rate, pressures, SpO2, temperature,
    baselines, the time of day ─────────────────────────┘                respiratory rate

The model is feed-forward: no vital sign depends on another vital sign, only on the state. So a
thousand steps are computed at once, with the same result as single steps.
The coefficients have the size that textbooks give. They are for testing software, and for nothing else.
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
SPARE = 8  # random streams for the instruments: one for each vital sign, two for the times of measurement
_INDEX = {name: i for i, name in enumerate(INFLUENCES)}
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario of one patient: `begun` in seconds since the start, `speed` as a factor."""

    patient: int
    scenario: Scenario
    begun: float
    speed: float


class Patients:
    """All patients of a ward, on a grid of steps `period` seconds apart.

    `advance(n)` returns the true vital signs, and random numbers for the errors of the instruments.
    """

    def __init__(self, names: Sequence[str], *, seed: int, start: Micros = 0, period: float = 2.5) -> None:
        self.baselines = draw_baselines(seed, names)
        self.count = len(names)
        self._streams = Streams(seed, names, len(FLUCTUATIONS) + SPARE)
        self._state = BodyState(seed, list(names), period)
        self._period = period
        self._start = start / SECOND
        self._step = 0
        self._runs: list[ScenarioRun] = []

    def begin(self, patient: int, scenario: Scenario, at: float | None = None, speed: float = 1.0) -> None:
        """Begin a scenario of a patient, `at` seconds since the start, by default now.

        Raises `ValueError` for a time that has already been computed.
        """
        now = self._step * self._period
        begun = now if at is None else at
        if begun < now:
            raise ValueError(f"a scenario cannot begin at {begun:g} s: the patient is already at {now:g} s")
        self._runs.append(ScenarioRun(patient, scenario, begun, speed * scenario.speed))

    def advance(self, steps: int) -> tuple[FloatArray, FloatArray]:
        """The next `steps` steps: vital signs of shape (steps, patients, 6) in the order of `VITALS`, and
        standard normal numbers of shape (steps, SPARE, patients)."""
        normals = self._streams.take(steps)
        t = np.arange(self._step, self._step + steps, dtype=np.float64) * self._period
        self._step += steps
        inputs = self._inputs(t)
        state = self._state.run(inputs, normals[:, : len(FLUCTUATIONS)])
        return self._vitals(t, state["influence"], state["fluctuation"]), normals[:, len(FLUCTUATIONS) :]

    def _inputs(self, t: FloatArray) -> FloatArray:
        inputs = np.zeros((len(t), len(INFLUENCES), self.count))
        for run in self._runs:
            since = (t - run.begun) * run.speed
            if since[-1] < 0:
                continue
            for name, (times, values) in run.scenario.knots.items():
                inputs[:, _INDEX[name], run.patient] += np.interp(since, times, values, left=0.0)
            if run.scenario.already_present and since[0] < run.speed * self._period:
                self._settle(inputs, int(np.argmax(since >= 0)), run)
        # A patient who does not breathe desaturates; after minutes without oxygen the heart slows.
        apnoea = np.maximum(0.0, -inputs[:, _INDEX["respiratory_drive"]] - 5)
        inputs[:, _INDEX["desaturation"]] += 2.5 * apnoea
        inputs[:, _INDEX["asphyxia"]] = np.maximum(0.0, inputs[:, _INDEX["desaturation"]] - 22)
        return inputs

    def _settle(self, inputs: FloatArray, step: int, run: ScenarioRun) -> None:
        for name, (times, values) in run.scenario.knots.items():
            value = float(np.interp(0.0, times, values))
            self._state.jump(inputs, step, _INDEX[name], run.patient, value)

    def _rhythm(self, t: FloatArray, peak: float) -> FloatArray:
        """From -1 to 1 over the day, highest at `peak` o'clock (UTC) minus the patient's phase advance."""
        hours = (self._start + t) % _DAY / 3600
        return np.cos((hours[:, None] - peak + self.baselines.phase_advance) * (2 * np.pi / 24))

    def _vitals(self, t: FloatArray, y: dict[str, FloatArray], w: dict[str, FloatArray]) -> FloatArray:
        p = self.baselines
        fever, loss, vasodilation, asphyxia = y["fever"], y["blood_loss"], y["vasodilation"], y["asphyxia"]
        day = self._rhythm(t, 15.0)
        arousal = y["arousal"] + np.maximum(0.0, w["arousal"]) * (0.6 + 0.4 * day)
        saturation = p.spo2 - y["desaturation"] - 3 * vasodilation - 10 * np.maximum(0.0, loss - 0.3)
        # The carotid bodies respond to hypoxia, not to the small fluctuations of a healthy saturation.
        hypoxia = np.clip(94 - saturation, 0.0, 30.0)
        # An opioid suppresses the response of breathing to hypoxia.
        response = np.clip(1 + y["respiratory_drive"] / 6, 0.0, 1.0)
        # Shock by class of blood loss (15, 30, 40 %): pressure holds until about a quarter is lost, then falls fast.
        pressure_drop = 0.25 * loss + 2.2 * np.maximum(0.0, loss - 0.22)
        systolic = (
            p.systolic * (1 - pressure_drop) + 4.5 * day + 8 * arousal - 42 * vasodilation - 0.35 * y["vagal_tone"]
            + 0.3 * hypoxia - 1.2 * asphyxia + w["pressure_slow"] + w["pressure_fast"]
        )  # fmt: skip
        systolic = np.maximum(systolic, 32.0)
        pulse = p.pulse_pressure * (1 - 1.6 * loss) + 3 * arousal - 4 * vasodilation + 0.25 * y["vagal_tone"]
        # Fever: 8 to 10 beats and 2 to 3 breaths a minute per degree. The baroreflex compensates part of each change of
        # pressure.
        heart = (
            p.heart_rate + 3.5 * day + 13 * arousal + 8.8 * fever + 160 * loss + 32 * vasodilation + 1.1 * hypoxia
            - y["vagal_tone"] * (p.heart_rate / 72) - 3.9 * asphyxia - 0.2 * w["pressure_fast"]
            + w["heart_slow"] + w["heart_fast"]
        )  # fmt: skip
        breath = (
            p.respiratory_rate + 0.5 * day + 2.5 * arousal + 2.4 * fever + 40 * np.maximum(0.0, loss - 0.1)
            + 9 * vasodilation + 0.9 * hypoxia * response + y["respiratory_drive"] - 0.5 * asphyxia
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
