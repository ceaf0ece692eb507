"""The worst minute of twenty beds, with the longest texts of the product: for tests of layout and screenshots."""

import dataclasses

from msgspec.structs import replace

from tests.web.scene import Scene, mixed
from ward.ack_link import AckLink, signed
from ward.action import ActionType
from ward.alert import Ack, ActionRecord
from ward.clock import SECOND
from ward.config.alerting import LinkKey
from ward.finding import EndReason, Kind, Severity

FROZEN = "hdu-01"
LINK_KEY = "k" * 32
DOCTOR, NURSE = "Dr. Lindqvist", "Nurse Montgomery"


def worst_minute(scene: Scene, minutes: float = 5.0) -> None:
    """Beds with alerts: one in shock, one silent, one whose alert has ended, one with a wrong clock, one with values at
    a standstill, and two with the longest lines."""
    mixed(scene, minutes)
    medium = Severity.MEDIUM
    for name, metric, text in (
        ("tachypnoea", "respiratory_rate", "Respiratory rate 26 /min > 25"),
        ("tachycardia", "heart_rate", "Heart rate 153 /min > 120"),
        ("hypotension", "systolic_bp", "Systolic pressure 91 mmHg < 95"),
    ):
        scene.alert("icu-08", name, text, severity=medium, metric=metric, ago=140)
    scene.alert("hdu-03", "clock_skew", "Monitor clock 10 min slow", severity=medium, kind=Kind.TECHNICAL,
                metric="clock_skew")  # fmt: skip
    ended = scene.alert("hdu-05", "hypoxia", "SpO2 79 % < 85", ago=200)
    scene.send(replace(ended, latched=EndReason.RECOVERED))
    better = scene.alert("hdu-07", "hypotension", "Systolic pressure 85.4 mmHg, again above 85, not yet ended",
                         metric="systolic_bp", ago=140)  # fmt: skip
    seen = (ActionRecord(type=ActionType.SEEN, by="Dr. Bo", at=scene.clock.now()),)
    scene.send(replace(better, value=85.4, limit=85.0, worst=71.0, worst_at=better.starts_at, actions=seen))
    _frozen(scene, minutes)
    _longest(scene)
    scene.settle()


def _frozen(scene: Scene, minutes: float) -> None:
    """A bed whose values have not changed since the beginning."""
    for step in range(round(minutes * 24), -1, -1):
        scene.healthy(FROZEN, ago=step * 2.5)
    scene.alert(FROZEN, "stuck-pulse", "Heart rate unchanged at 74 /min for 5 min: check leads", severity=Severity.LOW,
                kind=Kind.TECHNICAL, metric="heart_rate", ago=12)  # fmt: skip


def _longest(scene: Scene) -> None:
    """A bed of an ended alert that was seen, silenced and detected late, and one whose alert was taken over."""
    now = scene.clock.now()
    seen = tuple(ActionRecord(type=ActionType.SEEN, by=by, at=now) for by in (NURSE, DOCTOR))
    late = scene.alert("icu-10", "hypotension", "Systolic pressure 82 mmHg < 85", metric="systolic_bp", ago=290)
    late = scene.send(replace(late, value=82.0, limit=85.0, worst=71.0, worst_at=late.starts_at, detected_late_s=150.0,
                              actions=seen, latched=EndReason.RECOVERED))  # fmt: skip
    scene.send(replace(late, silenced_by=(scene.silenced(late).id,)))
    scene.alert("icu-10", "hypoxia", "SpO2 84 % < 88", ago=290, ack=NURSE)
    taken = scene.alert("hdu-09", "tachypnoea", "Respiratory rate 34 /min, again below 35, not yet ended",
                        metric="respiratory_rate", ago=290)  # fmt: skip
    ack = Ack(by=DOCTOR, at=now, taken_over_from=NURSE)
    worst_at = taken.starts_at
    scene.send(replace(taken, value=34.0, limit=35.0, worst=41.0, worst_at=worst_at, detected_late_s=150.0, ack=ack))


def link_path(scene: Scene, alert: str) -> str:
    """The page of a link in a message, with a key for it in the config."""
    config = scene.live.config
    key = LinkKey.model_validate({"name": "new", "key": LINK_KEY})
    alerting = config.alerting.model_copy(update={"link_keys": (key,)})
    scene.live.config = dataclasses.replace(config, alerting=alerting)
    return f"/a/{signed(AckLink(alert, 'chat', scene.clock.now() + 3600 * SECOND), LINK_KEY)}"
