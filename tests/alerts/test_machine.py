"""The whole pipeline against a small model: random events, clock steps and kills; every due notification is sent."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from alerts.model.internal_sources import PROGRAMS
from tests.alerts.test_program_alerts import send_heartbeat
from tests.kit.alert_timeline import AlertTimeline, ward_config
from tests.kit.examples import examples
from ward.action import Action, ActionType
from ward.clock import SECOND
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest
from ward.matcher import Matcher
from ward.silence import Silence

WAIT, INTERVAL, REPEAT, ESCALATE = 5.0, 20.0, 60.0, 30.0
SETTINGS: dict[str, Any] = {
    "channels": [
        {"name": name, "urls": ["json://127.0.0.1:9"], "message_per": "alert"} for name in ("nurse", "doctor")
    ],
    "receivers": [{"name": f"{name}s", "channels": [name]} for name in ("nurse", "doctor")],
    "route": {
        "receiver": "nurses", "group_by": ["bed"], "group_wait": f"{WAIT:g}s", "group_interval": f"{INTERVAL:g}s",
        "repeat_interval": f"{REPEAT:g}s", "escalate": [{"after": f"{ESCALATE:g}s", "receiver": "doctors"}],
    },
    "problem_after": "1h",
}  # fmt: skip
RULES = ("spo2_low", "tachycardia", "silent")
BEDS = (1, 2, 3)


@dataclass
class Known:
    """What the model knows of an episode."""

    finding: Finding
    severity: Severity
    active: bool = True
    by: str | None = None
    since: float = 0.0  # since when it is unacknowledged, or has its severity
    silenced_at: float = -1.0


class AlertPipelineMachine(RuleBasedStateMachine):
    """Findings, actions, silences, time, crashes, clock steps and replays, in any order."""

    episodes: Bundle[str] = Bundle("episodes")

    @initialize()
    def begin(self) -> None:
        self.path = Path(tempfile.mkdtemp())
        self.timeline = AlertTimeline(self.path, ward_config(beds=3, **SETTINGS))
        self.model: dict[str, Known] = {}
        self.silence_until: dict[int, float] = {}
        self.alive, self.turned = True, 0.0
        self.count = self.checked = 0
        self.sent: list[Finding] = []
        self.settle()

    def settle(self, seconds: float = 0.0) -> None:
        end = self.timeline.now() + seconds
        while True:
            if self.alive:
                send_heartbeat(self.timeline, "detectors")
            self.timeline.advance_to(min(end, self.timeline.now() + 5), every=0.5)
            if self.timeline.now() >= end:
                break

    def _send(self, finding: Finding) -> None:
        self.sent.append(finding)
        self.timeline.send(finding)

    @rule(target=episodes, bed=st.sampled_from(BEDS), name=st.sampled_from(RULES), severity=st.sampled_from(Severity))
    def raised(self, bed: int, name: str, severity: Severity) -> str:
        for known in self.model.values():
            same = known.finding.rule == name and known.finding.bed == f"icu-{bed}"
            if same and known.active:
                return known.finding.episode  # a detector has one episode of a series at a time
        now = self.timeline.clock.now()
        self.count += 1
        finding = Finding(
            episode=digest(name, bed, self.count), transition=Transition.RAISED, rule=name,
            detector="absent" if name == "silent" else "limits",
            kind=Kind.TECHNICAL if name == "silent" else Kind.PHYSIOLOGICAL, severity=severity, onset=now, at=now,
            received_at=now, text="text", device=f"mon-icu-{bed}", signal="" if name == "silent" else name, ward="icu",
            bed=f"icu-{bed}",
        )  # fmt: skip
        self.model[finding.episode] = Known(finding, severity, since=self.timeline.now())
        self._send(finding)
        self.settle()
        return finding.episode

    @rule(episode=episodes, severity=st.sampled_from(Severity))
    def changed(self, episode: str, severity: Severity) -> None:
        known = self.model[episode]
        if not known.active or severity is known.severity:
            return
        if severity.rank > known.severity.rank:
            known.by, known.since = None, self.timeline.now()
        known.severity = severity
        self._send(self._edge(known, Transition.CHANGED, severity=severity))
        self.settle()

    @rule(
        episode=consumes(episodes),
        ended=st.sampled_from([EndReason.RECOVERED, EndReason.DISCHARGED, EndReason.RULE_CHANGED]),
    )
    def cleared(self, episode: str, ended: EndReason) -> None:
        known = self.model[episode]
        if known.active:
            known.active = False
            self._send(self._edge(known, Transition.CLEARED, severity=known.severity, ended=ended))
        self.settle()

    @rule(episode=episodes, by=st.sampled_from(["anna", "berta"]))
    def acknowledged(self, episode: str, by: str) -> None:
        known = self.model[episode]
        known.by = known.by or (by if known.active else None)
        self._do(ActionType.ACKNOWLEDGE, episode, by)

    @rule(episode=episodes)
    def given_back(self, episode: str) -> None:
        known = self.model[episode]
        if known.active and known.by is not None:
            known.by, known.since = None, self.timeline.now()
        self._do(ActionType.UNACKNOWLEDGE, episode, "anna")

    @rule(bed=st.sampled_from(BEDS), lasts=st.integers(5, 90))
    def silenced(self, bed: int, lasts: int) -> None:
        now = self.timeline.clock.now()
        silence = Silence(
            id=f"s{bed}", matchers=(Matcher("bed", "=", f"icu-{bed}"),), starts_at=now, ends_at=now + lasts * SECOND,
            by="anna", comment="c", updated_at=now,
        )  # fmt: skip
        self.silence_until[bed] = self.timeline.now() + lasts
        self._do(ActionType.SILENCE, silence.id, "anna", silence)

    @rule(bed=st.sampled_from(BEDS))
    def expired(self, bed: int) -> None:
        self.silence_until[bed] = min(self.silence_until.get(bed, 0.0), self.timeline.now())
        self._do(ActionType.EXPIRE, f"s{bed}", "anna")

    @rule(seconds=st.sampled_from([0.5, 3, 10, 40, 100]))
    def time_passes(self, seconds: float) -> None:
        self.settle(seconds)

    @rule()
    def killed(self) -> None:
        self.timeline.restart()
        self.turned = self.timeline.now()
        self.settle()

    @rule()
    def detectors_die_or_come_back(self) -> None:
        self.alive, self.turned = not self.alive, self.timeline.now()
        self.settle(45)

    @rule(hours=st.sampled_from([-1, 1]))
    def clock_is_set(self, hours: int) -> None:
        self.timeline.clock.step(hours * 3600)
        self.settle()

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def replayed(self, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(self.sent) - 1))
        for finding in self.sent[start:]:
            self.timeline.send(finding)
        self.settle()

    def _edge(self, known: Known, transition: Transition, **changes: Any) -> Finding:
        from msgspec.structs import replace

        now = self.timeline.clock.now()
        self.count += 1
        return replace(known.finding, transition=transition, at=now + self.count, received_at=now, **changes)

    def _do(self, action: ActionType, subject: str, by: str, silence: Silence | None = None) -> None:
        self.count += 1
        self.timeline.do(
            Action(
                id=str(self.count), type=action, subject=subject, by=by, at=self.timeline.clock.now(), silence=silence
            )
        )
        self.settle()

    @invariant()
    def what_is_active_and_who_has_it_is_known(self) -> None:
        if not hasattr(self, "model"):
            return
        cases = self.timeline.pipeline.state.alerts
        active = {id_: c.alert for id_, c in cases.items() if c.alert.active and c.alert.source != PROGRAMS}
        assert active.keys() == {id_ for id_, known in self.model.items() if known.active}
        for id_, alert in active.items():
            known = self.model[id_]
            assert alert.severity is known.severity
            assert (alert.ack.by if alert.ack else None) == known.by
            silent = any(
                other.active and other.finding.rule == "silent" and other.finding.bed == known.finding.bed
                for other in self.model.values()
            )
            lost = silent and known.finding.kind is Kind.PHYSIOLOGICAL
            assert (alert.signal_lost_since is not None) == lost

    @invariant()
    def silent_detectors_have_one_alert_and_others_none(self) -> None:
        if not hasattr(self, "model"):
            return
        ours = [c.alert for c in self.timeline.pipeline.state.alerts.values() if c.alert.source == PROGRAMS]
        active = [alert.labels["alertname"] for alert in ours if alert.active]
        assert len(active) <= 1
        if self.timeline.now() - self.turned > 42:
            assert active == ([] if self.alive else ["program-silent"])

    @invariant()
    def the_log_has_the_same_alerts(self) -> None:
        if not hasattr(self, "model"):
            return
        last = {alert.id: alert for alert in self.timeline.published()}
        for id_, known in self.model.items():
            assert last[id_].active == known.active
            assert last[id_].severity is known.severity

    @invariant()
    def no_message_is_sent_twice(self) -> None:
        if not hasattr(self, "model"):
            return
        keys = [(notified.channel, notified.message.key) for notified in self.timeline.notified]
        assert len(keys) == len(set(keys))

    @invariant()
    def silenced_alerts_are_not_sent_and_acknowledged_ones_not_repeated(self) -> None:
        if not hasattr(self, "model"):
            return
        for notified in self.timeline.notified[self.checked :]:
            lines = notified.message.body.splitlines()
            if "detectors:" in notified.message.subject:
                continue
            known = self.model[next(line.split("?alert=")[1] for line in lines if "?alert=" in line)]
            assert self.silence_until.get(int(known.finding.bed[4:]), 0.0) <= notified.at, notified
            if any(line.startswith("Reason for this message: ") and "not acknowledged" in line for line in lines):
                assert known.active, notified
                assert known.by is None, notified
        self.checked = len(self.timeline.notified)

    @invariant()
    def every_due_notification_is_sent(self) -> None:
        """HIGH priority immediately, others after grouping, and the doctor after the escalation time."""
        if not hasattr(self, "model"):
            return
        now = self.timeline.now()
        sent = self._receivers()
        for id_, known in self.model.items():
            bed = int(known.finding.bed[4:])
            if not known.active or known.by is not None or self.silence_until.get(bed, 0) > now:
                continue
            waited = now - max(known.since, self.silence_until.get(bed, 0.0))
            urgent = known.severity is Severity.HIGH and known.finding.kind is Kind.PHYSIOLOGICAL
            if waited > (1 if urgent else INTERVAL + WAIT + 1):
                assert "nurse" in sent.get(id_, set()), (id_, waited)
            if waited > ESCALATE + INTERVAL + WAIT + 2:
                assert "doctor" in sent[id_], (id_, waited)

    def _receivers(self) -> dict[str, set[str]]:
        sent: dict[str, set[str]] = {}
        for notified in self.timeline.notified:
            for line in notified.message.body.splitlines():
                if "?alert=" in line and line.startswith("Acknowledge"):
                    sent.setdefault(line.split("?alert=")[1], set()).add(notified.channel)
        return sent

    def teardown(self) -> None:
        if hasattr(self, "timeline"):
            self.timeline.pipeline.close()
            shutil.rmtree(self.path)


TestAlertPipeline = AlertPipelineMachine.TestCase
TestAlertPipeline.settings = settings(
    max_examples=examples(12, 80), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
