"""An alert keeps its worst value, the condition at its worst, and its severities; HIGH about a patient stays."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts import pipeline
from alerts.model.channel_message import ChannelMessage
from alerts.model.now import Now
from alerts.pipeline import stages
from alerts.stages.batch import AlertBatch
from alerts.tracking.apply_finding import apply_finding
from alerts.tracking.course import MOST_CHANGES
from tests.config.test_shipped import shipped
from tests.kit.alert_timeline import AlertTimeline, immediately, ward_config
from tests.kit.examples import examples
from ward.alert import Alert, alert_labels
from ward.clock import SECOND
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.reason import Reason

CONFIG = ward_config(1)


def finding(transition: Transition, second: int, severity: Severity, value: float, worst: float) -> Finding:
    return Finding(
        episode="e1", transition=transition, rule="spo2_low", detector="limits", kind=Kind.PHYSIOLOGICAL,
        severity=severity, onset=0, at=second * SECOND, received_at=second * SECOND, text=f"SpO2 {value:.0f} % < 88",
        device="m1", signal="spo2", bed="icu-1", ward="icu", value=value, limit=88.0, worst=worst,
        worst_at=second * SECOND,
    )  # fmt: skip


def course(steps: list[tuple[Severity, int]], again: int = 1) -> tuple[Alert, list[Reason]]:
    """The alert after values with severities; each finding comes `again` times."""
    tracked, reasons, worst, before = None, [], 1000.0, None
    for second, (severity, value) in enumerate(steps):
        worst = min(worst, value)
        transition = Transition.RAISED if before is None else (
            Transition.UPDATED if severity is before else Transition.CHANGED
        )  # fmt: skip
        before, one = severity, finding(transition, second, severity, value, worst)
        for _ in range(again):
            now = Now(second * SECOND, second * SECOND)
            tracked, reason = apply_finding(tracked, one, alert_labels(one), now, CONFIG)
            reasons.append(reason)
    assert tracked is not None
    return tracked.alert, reasons


STEPS = st.lists(st.tuples(st.sampled_from(Severity), st.integers(40, 87)), min_size=1, max_size=120)


@settings(max_examples=examples(60, 1000), deadline=None)
@given(STEPS)
def test_an_alert_has_the_value_now_the_worst_value_the_highest_severity_and_their_course(
    steps: list[tuple[Severity, int]],
) -> None:
    alert, _ = course(steps)
    assert alert.value == steps[-1][1]
    assert alert.value_at == (len(steps) - 1) * SECOND
    assert alert.worst == min(value for _, value in steps)
    assert alert.peak_severity.rank == max(severity.rank for severity, _ in steps)
    changes = [severity for i, (severity, _) in enumerate(steps) if not i or severity is not steps[i - 1][0]]
    bounded = changes if len(changes) <= MOST_CHANGES else [changes[0], *changes[1 - MOST_CHANGES :]]
    assert [one.severity for one in alert.course] == bounded
    assert course(steps, again=2)[0] == alert  # a replay changes nothing


def test_an_update_that_comes_late_or_again_changes_nothing() -> None:
    raised = finding(Transition.RAISED, 0, Severity.HIGH, 80, 80)
    tracked, _ = apply_finding(None, raised, alert_labels(raised), Now(0, 0), CONFIG)
    newer, older = (finding(Transition.UPDATED, second, Severity.HIGH, 60 + second, 60) for second in (20, 10))
    tracked, reason = apply_finding(tracked, newer, {}, Now(20 * SECOND, 20 * SECOND), CONFIG)
    assert reason is Reason.UPDATED
    assert apply_finding(tracked, older, {}, Now(21 * SECOND, 21 * SECOND), CONFIG) == (tracked, Reason.REPLAYED)


@pytest.mark.guarantee("A HIGH alert about a patient stays, also as MEDIUM and after its end, until somebody has it.")
def test_an_alert_that_was_high_and_ends_as_medium_stays_until_it_is_acknowledged(tmp_path: Path) -> None:
    shipped_latch = [str(matcher) for matcher in shipped().alerting.latch]
    timeline = AlertTimeline(tmp_path, ward_config(1, latch=shipped_latch))
    timeline.at(1).raises("spo2_low", severity="high", text="SpO2 54 % < 85", bed=1)
    timeline.at(60).changes("spo2_low", severity="medium", text="SpO2 87 % < 88", bed=1)
    timeline.at(90).clears("spo2_low", bed=1)
    timeline.advance_to(120)
    (alert,) = (tracked.alert for tracked in timeline.pipeline.state.alerts.values())
    assert (alert.active, alert.latched, alert.severity) == (True, EndReason.RECOVERED, Severity.MEDIUM)
    assert (alert.peak_severity, alert.peak_text) == (Severity.HIGH, "SpO2 54 % < 85")
    timeline.at(130).acks("spo2_low", bed=1)
    timeline.advance_to(140)
    ended = timeline.published()[-1]
    assert (ended.active, ended.ended, ended.peak_severity) == (False, EndReason.RECOVERED, Severity.HIGH)
    assert ended.annotations["summary"] == "ICU bed 1: SpO2 54 % < 85"


def ended_unacknowledged(path: Path, **channel: Any) -> ChannelMessage:
    """The message about a HIGH alert that has ended unacknowledged at 90 s, while a LOW one of the bed goes on."""
    channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], "message_per": "alert", **channel}]
    route = {"receiver": "nurses", "repeat_interval": "3m"}
    latch = [str(matcher) for matcher in shipped().alerting.latch]
    timeline = AlertTimeline(path, ward_config(1, latch=latch, channels=channels, route=route))
    timeline.at(1).raises("spo2_low", severity="high", text="SpO2 54 % < 85", bed=1)
    timeline.at(60).raises("tachycardia", severity="low", text="Heart rate 121 /min > 120", bed=1)
    timeline.at(90).clears("spo2_low", bed=1, text="SpO2 96 %, back above 90")
    timeline.advance_to(300)
    (found,) = (one.message for one in timeline.notified if "NOT ACKNOWLEDGED" in one.message.subject)
    return found


def test_an_sms_about_what_nobody_has_acknowledged_says_what_it_was_before_what_else_is_active(tmp_path: Path) -> None:
    assert ended_unacknowledged(tmp_path, max_characters=160).subject.startswith(
        "ENDED, NOT ACKNOWLEDGED, ICU bed 1: SpO2 96 %, back above 90 (was HIGH priority: SpO2 54 % < 85; "
    )


def test_a_message_of_what_has_ended_unacknowledged_says_how_long_it_lasted_and_what_goes_on(tmp_path: Path) -> None:
    found = ended_unacknowledged(tmp_path)
    assert found.body.splitlines()[0].endswith("; LOW priority STILL ACTIVE: Heart rate 121 /min > 120")
    assert "Alert since 15:59:46 UTC, for 104 s" in found.body, "until it ended, not until now"


def update(timeline: AlertTimeline, second: float, **changes: Any) -> None:
    """An update of the SpO2 alert of bed 1."""
    raised, at = timeline.episodes["spo2_low", "icu-1"], timeline.time_at(second)
    fields = {"transition": Transition.UPDATED, "at": at, "received_at": at, **changes}
    timeline.at(second).then(lambda: timeline.send(replace(raised, **fields)))


def test_an_update_shows_its_numbers_and_is_no_reason_to_decide_on_all_alerts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(1))
    decided: list[Now] = []

    def counted(batch: AlertBatch) -> AlertBatch:
        decided.append(batch.now)
        return stages(batch)

    timeline.at(1).raises("spo2_low", bed=1)
    timeline.advance_to(20)
    monkeypatch.setattr(pipeline, "stages", counted)
    for second in range(21, 81, 10):
        update(timeline, second, value=90.0 - second, worst=90.0 - second, worst_at=timeline.time_at(second))
    timeline.advance_to(80)
    assert (timeline.alerts()["spo2_low icu-1"].value, timeline.alerts()["spo2_low icu-1"].worst) == (19.0, 19.0)
    assert decided == []


def test_an_update_notifies_of_a_higher_severity_whose_own_finding_was_lost(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(1))
    timeline.at(1).raises("spo2_low", bed=1, severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 1")
    update(timeline, 21, severity=Severity.HIGH)
    timeline.want(immediately(21), "HIGH priority, ICU bed 1")
    timeline.run(30)
