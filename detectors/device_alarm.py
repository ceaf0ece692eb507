"""An alarm that the device itself reports."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from ward.config.rule import DetectorParams
from ward.text_template import TextKind, TextTemplate

REPORTED = TextTemplate(TextKind.ALERT, "{meaning}", meaning="Infusion line occluded: check line and cannula")
ENDED = TextTemplate(
    TextKind.ENDING,
    "{device}: its alarm has ended ({meaning})",
    device="Infusion pump",
    meaning="Infusion line occluded",
)


class DeviceAlarmParams(DetectorParams):
    """What the alarm means, in words for people."""

    text: str = Field(min_length=1, max_length=120, description="the text of the alert: what is wrong, and what to do")


class DeviceAlarm(Detector[DeviceAlarmParams], name="device_alarm"):
    """The device's own alarm: score = the value, 1 while the device reports the alarm and 0 while it does not.

    `alarms` of a mapping in `bridge.yaml` makes these values, and a rule for each code. A device that repeats its alarm
    raises it once; one that falls silent does not end it.

    >>> from detectors.tapes.example import example
    >>> example("device_alarm", "0x3 1x4 0", text="Infusion line occluded: check line")
    3s raised medium: Infusion line occluded: check line
    7s cleared recovered: Monitor: its alarm has ended (Infusion line occluded)
    """

    sample: ClassVar[Mapping[str, Any]] = {"text": "Infusion line occluded: check line", "severity": "high"}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return np.asarray(x, dtype=np.float64)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)

    def explain(self, evidence: Evidence[DeviceAlarmParams]) -> Explanation:
        return Explanation(None, None, REPORTED(meaning=evidence.params.text))

    def explain_end(self, evidence: Evidence[DeviceAlarmParams]) -> Explanation:
        text = ENDED(device=evidence.device, meaning=evidence.params.text.partition(":")[0])
        return Explanation(None, None, text)
