"""Influences on the body of a patient."""

from typing import NamedTuple


class Influence(NamedTuple):
    """An influence on a patient, in `unit`; the body follows it with time constant `tau` in seconds."""

    unit: str
    tau: float
    about: str


INFLUENCES = {
    "fever": Influence("°C", 600, "the body's set point of temperature is raised"),
    "blood_loss": Influence("share of the blood volume", 60, "volume is missing"),
    "vasodilation": Influence("0 to 1", 180, "vessels lose their tone, as in septic shock"),
    "desaturation": Influence("% SpO2", 20, "the blood takes up less oxygen"),
    "respiratory_drive": Influence("/min", 40, "the drive to breathe; negative under opioids"),
    "vagal_tone": Influence("/min of heart rate", 12, "the vagus nerve slows the heart"),
    "arousal": Influence("0 to 1", 45, "pain, fear, effort"),
    "asphyxia": Influence(
        "% SpO2", 120, "a heart that has been without oxygen for minutes (computed from desaturation)"
    ),
}
