"""Rules about the patient in a bed."""

from typing import Any

from tests.detectors.builders import rule
from ward.config.rule import Rule
from ward.finding import Kind


def bed_rule(detector: str, *, fresh: bool = False, **settings: Any) -> Rule:
    """A rule about beds; `fresh` for one that starts afresh where a patient moves to."""
    made = rule(detector, detector, kind=Kind.PHYSIOLOGICAL, **settings)
    return Rule(
        made.name, made.detector, (), made.kind, made.params, made.settings, scope="bed", fresh_on_move=fresh,
    )  # fmt: skip
