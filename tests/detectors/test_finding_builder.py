"""The texts of findings, and detectors that raise errors."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pytest

from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.limits import LimitsParams
from tests.detectors.builders import high, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.finding import Kind


def test_a_text_of_rising_severity_has_the_new_limit() -> None:
    low = rule("low", "limits", "spo2", kind=Kind.PHYSIOLOGICAL, side="low", medium=90, high=85, for_="10s")
    setup = EngineSetup(ward(low, devices=1))
    setup.receive(*(reading("m1", t, spo2=88 if t < 30 else 84) for t in range(45)))
    assert [(f.text, f.limit) for f in setup.found] == [
        ("SpO2 88 % < 90", 90), ("SpO2 84 % < 85", 85),
    ]  # fmt: skip


def test_a_forced_end_has_the_reason_and_the_last_text() -> None:
    setup = EngineSetup(ward(high()))
    setup.receive(reading("m1", 0, heart_rate=150))
    setup.configure(ward(), 1)
    assert setup.found[-1].text == "Removed by config: no longer checked; before: Heart rate 150 /min > 100"


def test_texts_have_value_and_limit_and_no_duration() -> None:
    low = rule("low", "limits", "spo2", kind=Kind.PHYSIOLOGICAL, side="low", low=92, medium=90, high=85, hysteresis=2,
               for_="15s", keep_firing_for="20s")  # fmt: skip
    setup = EngineSetup(ward(low, devices=1))
    values = [(20, 84), (60, 88), (120, 93), (180, 97)]
    t = 0
    for until, value in values:
        while t < until:
            setup.receive(reading("m1", t, spo2=value))
            t += 1
    assert [f.text for f in setup.found] == [
        "SpO2 84 % < 85",
        "SpO2 88 % < 90",
        "SpO2 93 %, again above 92, not yet ended",
        "SpO2 97 %, back above 94",
    ]
    assert [f.limit for f in setup.found] == [85, 90, 92, 92]
    assert [str(f.severity) for f in setup.found] == ["high", "medium", "low", "low"]


class BrokenParams(LimitsParams):
    """Those of limits."""


@pytest.fixture
def broken() -> Iterable[type[Detector[Any]]]:
    class Broken(Detector[BrokenParams], name="broken"):
        sample: ClassVar[dict[str, Any]] = {}
        scores = False

        def update(self, state: Any, x: Any, t: Any, p: Any) -> Any:
            if not Broken.scores:
                raise ZeroDivisionError("on purpose")
            return np.full(len(x), 2.0)

        def explain(self, evidence: Evidence[Any]) -> Explanation:
            raise KeyError("on purpose")

    yield Broken
    del Detector.registry["broken"]


def test_a_detector_that_raises_does_not_stop_the_others(broken: Any) -> None:
    setup = EngineSetup(ward(rule("bad", "broken", "heart_rate", side="high", medium=1), high(), devices=1))
    result = setup.engine.evaluate([reading("m1", 0, heart_rate=150)])
    assert [f.rule for f in result.findings] == ["tachycardia"]
    assert isinstance(result.failures["broken"], ZeroDivisionError)


def test_a_finding_without_a_text_of_its_detector_has_the_rules_name(broken: Any) -> None:
    broken.scores = True
    setup = EngineSetup(ward(rule("bad", "broken", "heart_rate", side="high", medium=1), devices=1))
    result = setup.engine.evaluate([reading("m1", 0, heart_rate=150)])
    assert [f.text for f in result.findings] == ["bad"]
    assert isinstance(result.failures["broken"], KeyError)
