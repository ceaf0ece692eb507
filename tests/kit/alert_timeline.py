"""Findings and actions at their times, on a clock that the test advances, and the notifications that must follow.

    timeline = AlertTimeline(tmp_path)
    timeline.at(2).raises("spo2_low", bed=7, severity="high")
    timeline.want(between(2, 2.5), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.run(60)

`run` fails for a notification that is not wanted, and for one that is wanted and not sent in time.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from alerts.model.channel_message import ChannelMessage
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.tracked_alert import TrackedAlert
from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.state_file import StateFile
from alerts.text.delayed_message import CurrentMessage, current_message
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.adapters.memory.log import MemoryLog
from ward.alert import Alert
from ward.clock import SECOND, Clock, ManualClock, Micros
from ward.config.alerting import Alerting
from ward.config.config import Config
from ward.config.edit_guard import WaitingEdit
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Ward
from ward.matcher import Matcher
from ward.metrics import Metrics
from ward.ports import Log
from ward.reason import Reason
from ward.signals import Catalogue, Signal
from ward.silence import Silence
from ward.topics import ACTIONS, ALERTS, FINDINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE, FINDING_WIRE

SPO2 = "SpO2 84 % < 88 for 15 s"
TEXTS = {
    "spo2_low": ("spo2", SPO2, 84.0, 88.0),
    "tachycardia": ("heart_rate", "Heart rate 137 /min > 120 for 5 s", 137.0, 120.0),
    "news2": ("", "NEWS2 7", 7.0, 7.0),
    "silent": ("", "no data for 15 s", None, None),
    "probe_off": ("spo2", "SpO2 probe off", None, None),
}


def ward_config(beds: int = 20, **alerting: Any) -> Config:
    """Two wards with beds icu-1 … and hdu-1 …, each with a monitor; `alerting` as in `alerts.yaml`."""
    names = [(ward, f"{ward}-{n}") for ward in ("icu", "hdu") for n in range(1, beds + 1)]
    settings = {
        "channels": [{"name": "nurse", "urls": ["json://127.0.0.1:9"]}],
        "receivers": [{"name": "nurses", "channels": ["nurse"]}],
        "route": {"receiver": "nurses"},
        **alerting,
    }
    return Config(
        hash=digest("test", sorted(settings), settings),
        catalogue=Catalogue(
            {
                "spo2": Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0),
                "heart_rate": Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0),
            }
        ),
        inventory=Inventory(
            wards=[Ward(id="icu", name="Intensive care"), Ward(id="hdu", name="High dependency")],
            beds=[Bed(id=bed, ward=ward, label=f"{ward.upper()} bed {bed[4:]}") for ward, bed in names],
            device_kinds=[DeviceKind(name="bedside_monitor", label="Bedside monitor")],
            devices=[
                Device(id=f"mon-{bed}", device_kind="bedside_monitor", assignments=(Assignment(ward=ward, bed=bed),))
                for ward, bed in names
            ],
        ),
        alerting=Alerting.model_validate(settings),
    )


class Replaceable:
    """A live config that a test replaces."""

    faults: tuple[str, ...] = ()
    waiting: WaitingEdit | None = None

    def __init__(self, config: Config) -> None:
        self.config = config


@dataclass(frozen=True)
class Notified:
    """A notification, and when it was sent on which channel."""

    at: float
    channel: str
    entry: OutboxEntry

    @property
    def message(self) -> ChannelMessage:
        """What was sent."""
        return self.entry.message

    def __str__(self) -> str:
        return f"{self.at:8.2f}  {self.channel:8} {self.message.subject}"


@dataclass
class Want:
    """A notification that must be sent between two seconds; its subject begins with `subject`."""

    start: float
    end: float
    subject: str
    channel: str
    notified: Notified | None = None


def open_store(folder: Path, clock: Clock) -> StateFile:
    """The state file of a pipeline, not synced to the disk: tests kill processes, but do not cut the power."""
    return StateFile.in_folder(folder, clock.now(), durable=False)


def between(start: float, end: float) -> tuple[float, float]:
    """A time span for `want`, in seconds of the timeline."""
    return start, end


def immediately(at: float) -> tuple[float, float]:
    """A time span for `want`: within the next step."""
    return at, at + 0.5


@dataclass
class AlertTimeline:
    """A pipeline of alerts on a log in memory and a state file, driven by a script.

    `grace` is the pipeline's, in seconds. `wrap_store` may replace the store of each pipeline that is opened.
    """

    path: Path
    config: Config = field(default_factory=ward_config)
    log: Log = field(default_factory=MemoryLog)
    clock: ManualClock = field(default_factory=ManualClock)
    metrics: Metrics = field(default_factory=Metrics)
    grace: float = 0.0
    wrap_store: Callable[[StateFile], StateFile] = lambda store: store

    def __post_init__(self) -> None:
        self.live = Replaceable(self.config)
        self.began = self.clock.now()
        self.wants: list[Want] = []
        self.notified: list[Notified] = []
        self.script: list[tuple[float, int, Callable[[], None]]] = []
        self.episodes: dict[tuple[str, str], Finding] = {}
        self.unavailable_channels: set[str] = set()
        self._outbox: OutboxFile | None = None
        self.pipeline = self.open()

    def open(self) -> Pipeline:
        """A new pipeline on the file as it is."""
        self._close_outbox()
        self.store = self.wrap_store(open_store(self.path, self.clock))
        return Pipeline(self.log, self.live, self.store, self.clock, self.metrics, grace=self.grace)

    def at(self, second: float) -> "Cue":
        """What happens at this second of the timeline."""
        return Cue(self, second)

    def want(self, when: tuple[float, float], subject: str, channel: str = "nurse") -> None:
        """A notification whose subject begins so must be sent on a channel in this span of seconds."""
        self.wants.append(Want(*when, subject, channel))

    def run(self, until: float, every: float = 0.25) -> "AlertTimeline":
        """Run the script until a second. Raises `AssertionError` if notifications differ from those wanted."""
        self.advance_to(until, every)
        self.close()
        assert not self.differences(), "\n" + "\n".join(self.differences()) + "\nheard:\n" + self.transcript()
        return self

    def close(self) -> None:
        """Close the pipeline and the outbox: nothing has their file open."""
        self.pipeline.close()
        self._close_outbox()

    def advance_to(self, until: float, every: float = 0.25) -> None:
        """Run the script until a second, in steps of `every` seconds."""
        while self.now() <= until:
            for entry in sorted(e for e in self.script if e[0] <= self.now()):
                self.script.remove(entry)
                entry[2]()
            self.pipeline.step(0)
            self.pipeline.step(0)
            self.listen()
            self.clock.advance(every)

    def now(self) -> float:
        return self.clock.monotonic()

    def time_at(self, second: float | None = None) -> Micros:
        """The wall clock at a second of the timeline, unless a step of the clock came before it."""
        return self.began + round((self.now() if second is None else second) * SECOND)

    def current(self, notified: "Notified", at: float, limit: int = 0) -> CurrentMessage:
        """A message as it would be sent at a second, with the alerts as they are in the state file now."""
        with closing(OutboxFile.in_folder(self.path, durable=False)) as file:
            records = file.alerts(notified.entry.alerts)
        tracked = [msgspec.json.decode(record, type=TrackedAlert) for record in records]
        return current_message(notified.entry, tracked, self.config, self.time_at(at), limit)

    def listen(self) -> None:
        """Take all notifications out of the outbox, as senders do that always succeed."""
        if not self.store.backlogs():
            return
        # Opening a file takes longer than all the rest of a step: one serves until the next pipeline.
        file = self._outbox = self._outbox or OutboxFile.in_folder(self.path, durable=False)
        for channel in self.live.config.alerting.channels:
            if channel.name in self.unavailable_channels:
                continue
            for waiting in list(file.waiting(channel.name)):
                self.notified.append(Notified(self.now(), channel.name, waiting))
                file.delivered(waiting)

    def _close_outbox(self) -> None:
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def differences(self) -> list[str]:
        unheard = list(self.notified)
        wrong = []
        for want in self.wants:
            match = next((h for h in unheard if self._fits(want, h)), None)
            if match is None:
                wrong.append(f"✗ wanted in [{want.start}, {want.end}] on {want.channel}: {want.subject}")
            else:
                unheard.remove(match)
        return wrong + [f"✗ not wanted: {notified}" for notified in unheard]

    @staticmethod
    def _fits(want: Want, notified: Notified) -> bool:
        in_time = want.start <= notified.at <= want.end
        return in_time and notified.channel == want.channel and notified.message.subject.startswith(want.subject)

    def transcript(self) -> str:
        return "\n".join(map(str, self.notified))

    def restart(self) -> None:
        """Replace the pipeline by a new one, as after a kill."""
        self.pipeline.close()
        self.pipeline = self.open()

    def send(self, finding: Finding) -> None:
        self.log.send(FINDINGS, [(finding.device or finding.bed, FINDING_WIRE.encode(finding))])

    def do(self, action: Action) -> None:
        self.log.send(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))])

    def alerts(self) -> dict[str, Alert]:
        """The alerts as they were published last, by rule and bed or program."""
        found: dict[str, Alert] = {}
        for alert in self.published():
            place = alert.labels.get("bed") or alert.labels.get("program", "")
            found[f"{alert.labels['alertname']} {place}".strip()] = alert
        return found

    def published(self) -> list[Alert]:
        return log_messages(self.log, ALERTS, ALERT_WIRE)

    def counted(self, name: str) -> dict[str, float]:
        """A counter's values by its one label."""
        return {
            key.split('"')[1]: value
            for key, value in self.metrics.samples().items()
            if key.startswith((f"{name}_total{{", f"{name}{{"))
        }

    def reasons(self) -> dict[str, float]:
        """How often each decision was made, by its text."""
        counted = self.counted("wardwatch_notification_decisions")
        return {str(Reason[label.upper()]): value for label, value in counted.items()}


@dataclass(frozen=True)
class Cue:
    """Events at one second of a timeline. Each method adds one and returns the cue."""

    timeline: AlertTimeline
    second: float

    def raises(
        self, rule: str, bed: int | str = 7, severity: str = "high", *, ago: float = 0.0, ward: str = "icu", **more: Any
    ) -> "Cue":
        """A detector raises an episode at a bed; its readings come `ago` seconds late."""
        bed_id = bed if isinstance(bed, str) else f"{ward}-{bed}"
        signal, text, value, limit = TEXTS[rule]
        when = self.timeline.time_at(self.second - ago)
        technical = rule in ("silent", "probe_off")
        known = self.timeline.config.inventory.beds.get(bed_id)
        device = more.pop("device", f"mon-{bed_id}")
        fields: dict[str, Any] = {
            "episode": digest(rule, bed_id, when), "transition": Transition.RAISED, "rule": rule,
            "detector": "absent" if rule == "silent" else "limits",
            "kind": Kind.TECHNICAL if technical else Kind.PHYSIOLOGICAL, "severity": Severity(severity),
            "onset": when - 15 * SECOND, "at": when, "received_at": self.timeline.time_at(self.second),
            "text": text, "device": device,
            "signal": signal, "ward": ward, "bed": bed_id if known else "", "value": value, "limit": limit,
            "config": self.timeline.config.hash,
        }  # fmt: skip
        finding = Finding(**{**fields, **more})
        self.timeline.episodes[rule, bed_id] = finding
        return self.then(lambda: self.timeline.send(finding))

    def changes(self, rule: str, bed: int = 7, severity: str = "high", *, ward: str = "icu", **more: Any) -> "Cue":
        """A raised episode changes its severity."""
        return self._edge(rule, f"{ward}-{bed}", Transition.CHANGED, severity=Severity(severity), **more)

    def clears(
        self, rule: str, bed: int | str = 7, ended: EndReason = EndReason.RECOVERED, *, ward: str = "icu", **more: Any
    ) -> "Cue":
        """A raised episode is cleared."""
        bed_id = bed if isinstance(bed, str) else f"{ward}-{bed}"
        return self._edge(rule, bed_id, Transition.CLEARED, ended=ended, **more)

    def _edge(self, rule: str, bed: str, transition: Transition, *, ago: float = 0.0, **changes: Any) -> "Cue":
        finding = self.timeline.episodes[rule, bed]
        when = self.timeline.time_at(self.second - ago)
        changed = msgspec.structs.replace(
            finding, transition=transition, at=when, received_at=self.timeline.time_at(self.second), **changes
        )
        return self.then(lambda: self.timeline.send(changed))

    def acks(
        self, rule: str, bed: int = 7, by: str = "nurse.anna", type_: ActionType = ActionType.ACKNOWLEDGE
    ) -> "Cue":
        episode = self.timeline.episodes[rule, f"icu-{bed}"].episode
        action = Action(
            id=digest(episode, by, type_, self.second),
            type=type_,
            subject=episode,
            by=by,
            at=self.timeline.time_at(self.second),
        )
        return self.then(lambda: self.timeline.do(action))

    def unacks(self, rule: str, bed: int = 7, by: str = "nurse.anna") -> "Cue":
        return self.acks(rule, bed, by, ActionType.UNACKNOWLEDGE)

    def silences(self, name: str, *matchers: str, lasts: float, starts: float = 0.0, alert: str = "") -> "Cue":
        now = self.timeline.time_at(self.second)
        silence = Silence(
            id=name, matchers=tuple(map(Matcher.parse, matchers)), starts_at=now + round(starts * SECOND),
            ends_at=now + round((starts + lasts) * SECOND), by="nurse.anna", comment="probe changed", updated_at=now,
            alert=alert,
        )  # fmt: skip
        action = Action(
            id=digest(name, now), type=ActionType.SILENCE, subject=name, by=silence.by, at=now, silence=silence
        )
        return self.then(lambda: self.timeline.do(action))

    def expires(self, name: str) -> "Cue":
        now = self.timeline.time_at(self.second)
        action = Action(id=digest("expire", name, now), type=ActionType.EXPIRE, subject=name, by="nurse.anna", at=now)
        return self.then(lambda: self.timeline.do(action))

    def reloads(self, config: Config) -> "Cue":
        def reload() -> None:
            self.timeline.live.config = config

        return self.then(reload)

    def restarts(self) -> "Cue":
        return self.then(lambda: self.timeline.restart())

    def steps_the_clock(self, seconds: float) -> "Cue":
        return self.then(lambda: self.timeline.clock.step(seconds))

    def then(self, what: Callable[[], None]) -> "Cue":
        self.timeline.script.append((self.second, len(self.timeline.script), what))
        return self


def subjects(notified: Iterable[Notified]) -> list[str]:
    return [h.message.subject for h in notified]
