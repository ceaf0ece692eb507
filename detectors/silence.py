"""A device, or a signal of one, that should be heard of and is not."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.detector import PAUSE, Detector, Evidence, Explanation, Floats, Numbers, Subject, Tick
from ward.clock import format_span
from ward.config.model import Seconds
from ward.config.rule import DetectorParams

# Where neither the rule nor the inventory says it: after how long a device counts as missing.
USUALLY = 15.0
# A signal may miss so many of its periods, and a stranger so many of the pauses it usually makes.
PERIODS, PAUSES = 4.0, 5.0
# How many readings make a stranger a regular sender, who is missed.
REGULAR = 30


class SilenceParams(DetectorParams):
    """Without `signals` the rule is about its devices as a whole, with them about each of these signals."""

    after: Seconds | None = Field(
        None,
        gt=0,
        description="how long nothing may come; left out, it is what the device's kind says. A signal may always miss "
        "four of its expected periods, and a stranger five of its usual pauses",
    )


class Silence(Detector[SilenceParams], kind="silence"):
    """The time since a series was last heard of, as a share of what is allowed.

    For a device: score = (now − heard)/after. For a signal it is measured against its own device, score =
    (heard of the device − heard of the signal)/after, so that a device that is gone is one finding, not seven.
    What the inventory expects is missed even if it never came; a stranger once it has been sending regularly.
    """

    feed = "silence"
    ticks = True
    sample: ClassVar[Mapping[str, Any]] = {"after": "15s", "severity": {"low": 1, "medium": 4}}

    def row(self, params: SilenceParams, subject: Subject) -> Numbers:
        after = params.after or subject.silent_after or USUALLY
        whole = subject.signal.name == ""
        return {
            "after": after if whole else max(after, PERIODS * (subject.period or 0.0)),
            "whole": float(whole),
            "expected": float(subject.expected is True),
        }

    def tick(self, state: Any, pulse: Tick, p: Any) -> Floats:
        missed = (p.expected > 0) | (pulse.count >= REGULAR)
        return np.where(missed, _alone(pulse, p) / _allowed(pulse, p), 0.0)

    def until(self, score: Floats, state: Any, pulse: Tick, p: Any) -> Floats:
        alone, least = _alone(pulse, p), score * p.after
        # Whatever comes next, a series that has not been heard of for `age` is alone for `age` at most, and what is
        # usual may change; but not before it has been silent for the least that is allowed.
        later = np.where(p.whole > 0, np.minimum(score * _allowed(pulse, p) - alone, least), 1.0)
        seconds = np.where(least > pulse.age, least - pulse.age, later)
        missed = (p.expected > 0) | (pulse.count >= REGULAR)
        # While the device says nothing its signals are no more silent than they were, and nobody gets regular.
        waiting = (pulse.device_age >= PAUSE) & ~(missed & (p.whole > 0))
        over = missed & (alone >= score * _allowed(pulse, p))
        return np.where(waiting | over, np.inf, np.where(missed, seconds, p.after))

    def explain(self, case: Evidence[SilenceParams]) -> Explanation:
        assert case.pulse is not None
        never = case.pulse.count[0] == 0
        age = float(case.pulse.age[0])
        what = f"{case.signal.label}: no value" if case.signal.name else "No reading"
        return Explanation(None, None, f"{what} {'yet, ' if never else ''}for {format_span(age)}", timed=False)

    def relief(self, case: Evidence[SilenceParams]) -> Explanation:
        return Explanation(None, None, f"{case.signal.label}: values again" if case.signal.name else "Readings again")


def _alone(pulse: Tick, p: Any) -> Floats:
    return np.where(p.whole > 0, pulse.age, np.maximum(pulse.age - pulse.device_age, 0.0))


def _allowed(pulse: Tick, p: Any) -> Floats:
    return np.asarray(np.where(p.expected > 0, p.after, np.maximum(p.after, PAUSES * pulse.usual)))
