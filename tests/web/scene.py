"""A small hospital for tests: two wards, twenty beds, a log in memory, a manual clock, and the web on top."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import replace
from starlette.types import ASGIApp

from detectors.limits import LimitsParams
from tests.kit.web_app import lend_app
from ward.action import Action, ActionType
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import Ack, Alert, State
from ward.clock import SECOND, ManualClock, Micros
from ward.config.alerting import Alerting, Receiver
from ward.config.config import Config
from ward.config.edit_guard import WaitingEdit
from ward.config.rule import Match, Override, Rule
from ward.finding import EndReason, Kind, Severity
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Stay, Ward
from ward.matcher import Matcher
from ward.metrics import Metrics
from ward.ports import Point, Series, Store
from ward.reading import Reading
from ward.signals import Catalogue, Signal
from ward.silence import Silence
from ward.topics import ACTIONS, ALERTS, DETECTOR_CURVES, DETECTOR_LAG, HEARTBEATS, QUARANTINE, READINGS
from ward.wire import (
    ACTION_WIRE,
    ALERT_WIRE,
    DETECTOR_CURVE_WIRE,
    DETECTOR_LAG_WIRE,
    HEARTBEAT_WIRE,
    PROGRESS,
    QUARANTINED_WIRE,
    READING_WIRE,
    DetectorCurve,
    DetectorLag,
    Heartbeat,
    QuarantinedMessage,
)
from web.dependencies import Dependencies
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.model.store_warmup import StoreWarmup

# As in config/signals.yaml.
GRAVITY = {"spo2": 1, "systolic_bp": 2, "heart_rate": 3, "respiratory_rate": 4, "diastolic_bp": 5, "temperature": 6}
SCALES = {"spo2": (70, 100), "systolic_bp": (60, 200), "heart_rate": (30, 180), "respiratory_rate": (0, 40),
          "diastolic_bp": (30, 130), "temperature": (34, 41)}  # fmt: skip
START: Micros = 1_764_000_000 * SECOND
VITALS = (
    ("heart_rate", "Heart rate", "/min", "/min", 0, 10, 300, "8867-4"),
    ("systolic_bp", "Systolic pressure", "mm[Hg]", "mmHg", 0, 20, 300, "8480-6"),
    ("diastolic_bp", "Diastolic pressure", "mm[Hg]", "mmHg", 0, 10, 200, "8462-4"),
    ("spo2", "SpO2", "%", "%", 0, 30, 100, "2708-6"),
    ("temperature", "Temperature", "Cel", "°C", 1, 25, 45, "8310-5"),
    ("respiratory_rate", "Respiratory rate", "/min", "/min", 0, 2, 80, "9279-1"),
)
HEALTHY = {"heart_rate": 74, "systolic_bp": 122, "diastolic_bp": 78, "spo2": 97, "temperature": 36.8,
           "respiratory_rate": 15}  # fmt: skip
LIMITS = (
    ("bradycardia", "heart_rate", "low", 50, 40), ("tachycardia", "heart_rate", "high", 120, 150),
    ("hypotension", "systolic_bp", "low", 95, 85), ("hypertension", "systolic_bp", "high", 180, 210),
    ("hypoxia", "spo2", "low", 92, 88), ("fever", "temperature", "high", 38.5, 40),
    ("tachypnoea", "respiratory_rate", "high", 25, 32), ("bradypnoea", "respiratory_rate", "low", 9, 7),
)  # fmt: skip


class EditableConfig:
    """A live config that a test can change."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.faults: Sequence[str] = ()
        self.waiting: WaitingEdit | None = None


class NoStore:
    """A store that does not answer: every call raises the given error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        def ask(*_: object, **__: object) -> None:
            raise self._error

        return ask


@dataclass(frozen=True)
class ReceivedMail:
    """A mail in the mailbox."""

    id: str
    at: Micros
    subject: str
    text: str


class MemoryMailbox:
    """A mailbox in memory."""

    def __init__(self) -> None:
        self.mails: list[ReceivedMail] = []

    def messages(self) -> list[ReceivedMail]:
        return self.mails


def hospital(beds: int = 20) -> Config:
    """Two wards; bed n of the first is `icu-01` and its monitor `mon-icu-01`; the last bed has no monitor."""
    signals = [
        Signal(
            name=name, label=label, unit=unit, display=display, precision=precision, low=low, high=high, every=2.5,
            measurement="vitals", loinc=loinc, gravity=GRAVITY[name], scale=SCALES[name],
        )
        for name, label, unit, display, precision, low, high, loinc in VITALS
    ]  # fmt: skip
    signals += [
        Signal(name="humidity", label="Humidity", unit="%", display="%", precision=1),
        Signal(name="battery", label="Battery", unit="%", display="%", precision=0),
        Signal(name="online", label="Online", unit="1", display="", precision=0),
        Signal(
            name="oxygen",
            label="Oxygen",
            unit="L/min",
            display="L/min",
            precision=0,
            low=0,
            high=80,
            observed=True,
            codes={0: "On air"},
            other_values="On oxygen",
        ),
        Signal(
            name="consciousness",
            label="Consciousness",
            unit="1",
            display="",
            precision=0,
            low=0,
            high=4,
            observed=True,
            codes={0: "Alert", 1: "New confusion", 2: "Responds to voice", 3: "Responds to pain", 4: "Unresponsive"},
        ),
        Signal(
            name="spo2_scale",
            label="SpO2 scale",
            unit="1",
            display="",
            precision=0,
            low=1,
            high=2,
            observed=True,
            codes={1: "Scale 1 (for most patients)", 2: "Scale 2 (target 88 to 92 %)"},
            caution="Scale 2 only where a clinician has prescribed a target of 88 to 92 % for this patient.",
            lasting=True,
        ),
        Signal(name="news2", label="NEWS2", unit="1", display="", precision=0, low=0, high=20),
    ]
    names = [f"{ward}-{n:02}" for ward in ("icu", "hdu") for n in range(1, beds // 2 + 1)]
    return Config(
        "3f9a51c7e0d24b68",
        Catalogue({signal.name: signal for signal in signals}),
        Inventory(
            wards=[Ward(id="icu", name="Intensive care"), Ward(id="hdu", name="High dependency")],
            beds=[Bed(id=n, ward=n[:3], label=f"{n[:3].upper()} bed {int(n[4:])}") for n in names],
            device_kinds=[
                DeviceKind(name="bedside_monitor", label="Bedside monitor", signals={v[0]: 2.5 for v in VITALS}),
                DeviceKind(name="humidity_logger", label="Humidity logger", signals={"humidity": 10.0}),
            ],
            devices=[
                Device(id=f"mon-{n}", device_kind="bedside_monitor", assignments=(Assignment(ward=n[:3], bed=n),))
                for n in names[:-1]
            ],
            stays=[Stay(patient=f"P-{1000 + 37 * i}", bed=n, span=Period()) for i, n in enumerate(names)],
        ),
        tuple(
            Rule(
                name, "limits", (signal,), Kind.PHYSIOLOGICAL, LimitsParams,
                {"side": side, "medium": medium, "high": high, "hysteresis": 1, "for": "15s", "keep_firing_for": "15s"},
                overrides=(Override(where=Match(bed=("icu-02",)), set={"medium": 88, "high": 84}, why="COPD"),)
                if name == "hypoxia" else (),
            )
            for name, signal, side, medium, high in LIMITS
        ),
        Alerting(receivers=(Receiver(name="nurses", channels=("mail",)),)),
    )  # fmt: skip


class Http:
    """An HTTP client without a network; each request has its own event loop."""

    def __init__(self, app: ASGIApp, base: str = "http://127.0.0.1:8080") -> None:
        self._app = app
        self._base = base

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, path, more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.request("DELETE", path, **more)

    def json(self, path: str) -> Any:
        """The JSON of a GET, which must succeed."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self._base) as client:
            return await client.request(method, path, **more)


class Scene:
    """The web with all its dependencies. `tick` advances the clock and follows the log."""

    def __init__(
        self, folder: Path, config: Config | None = None, store: Store | None = None, timeout: float = 5.0,
        hosts: Sequence[str] = (), mail: bool = True,
    ) -> None:  # fmt: skip
        self.clock, self.metrics, self.log = ManualClock(START), Metrics(), MemoryLog()
        self.live = EditableConfig(config or hospital())
        self.own = SqliteStore(folder / "store.db", durable=False)
        self.store: Store = store or self.own
        self.mail = MemoryMailbox()
        self.model = ReadModel(self.live, self.clock)
        self.follower = LogFollower(self.log, self.model, self.clock, self.metrics)
        self.warmup = StoreWarmup(self.store, self.model, self.clock)
        self.reloaded: Sequence[str] = ()
        self.detecting = True  # whether detectors evaluate everything at each `settle`
        self.scores: list[tuple[str, str, float, int, str]] = []
        self.deps = Dependencies(
            log=self.log, store=self.store, live=self.live, clock=self.clock, metrics=self.metrics,
            model=self.model, reload=lambda: self.reloaded, mailbox=self.mail if mail else None, hosts=hosts,
            timeout=timeout,
        )  # fmt: skip
        self._closing = ExitStack()
        self.app = lend_app(self.deps, self._closing)
        self.http = Http(self.app)
        self.settle()

    def close(self) -> None:
        self.follower.close()
        self.warmup.close()
        self.own.close()
        self._closing.close()

    def settle(self) -> None:
        """Read the log to its end, at this instant."""
        if self.detecting:
            self.evaluated()
        self.warmup.step(0)
        while self.follower.step(0):
            pass

    def evaluated(self, *, ago: float = 0.0, **behind: float) -> None:
        """The detectors have evaluated everything until `ago` seconds before now, and the device of a bed, as `icu_01`,
        until so many seconds before now."""
        at = self.clock.now()
        devices = {f"mon-{bed.replace('_', '-')}": at - round(lag * SECOND) for bed, lag in behind.items()}
        for partition in self.log.partitions(READINGS):
            of_it = {
                device: until for device, until in devices.items() if self.log.partition(READINGS, device) == partition
            }
            lag = DetectorLag(partition=partition.number, at=at, until=at - round(ago * SECOND), behind=of_it)
            self.log.send(DETECTOR_LAG, [(str(partition.number), DETECTOR_LAG_WIRE.encode(lag))])

    def tick(self, seconds: float = 1.0) -> None:
        """Advance the clock, then read the log."""
        self.clock.advance(seconds)
        self.settle()

    def reading(self, device: str, ward: str = "icu", *, ago: float = 0.0, flags: int = 0,
                implausible: dict[str, float] | None = None, **values: Any) -> Reading:  # fmt: skip
        """A reading in the log, and in the store as the archive would write it."""
        at = self.clock.now() - round(ago * SECOND)
        numbers = {name: float(value) for name, value in values.items()}
        reading = Reading(
            device=device, ward=ward, at=at, received_at=self.clock.now() if flags else at, values=numbers,
            implausible=implausible or {}, flags=flags,
        )  # fmt: skip
        self.log.send(READINGS, [(device, READING_WIRE.encode(reading))])
        place = self.live.config.inventory.place(device, at, ward)
        signs = {n: v for n, v in numbers.items() if n in HEALTHY}
        rest = {n: v for n, v in numbers.items() if n not in HEALTHY}
        rest |= {f"{n}_implausible": v for n, v in (implausible or {}).items()}
        tags = {"ward": place.ward, "bed": place.bed, "device": device, "device_kind": place.device_kind}
        self.own.write([Point(Series.of(m, **tags), at, f) for m, f in (("vitals", signs), ("telemetry", rest)) if f])
        return reading

    def healthy(self, bed: str, *, ago: float = 0.0, **instead: Any) -> None:
        """All vital signs of a bed."""
        values: dict[str, Any] = {n: v for n, v in {**HEALTHY, **instead}.items() if v == v}
        self.reading(f"mon-{bed}", bed[:3], ago=ago, **values)

    def alert(
        self, bed: str, name: str = "hypoxia", text: str = "SpO2 84 % < 88", *,
        severity: Severity = Severity.HIGH, kind: Kind = Kind.PHYSIOLOGICAL, metric: str = "spo2", ago: float = 60.0,
        ack: str = "", lost: float | None = None, device: str = "", id_: str = "",
    ) -> Alert:  # fmt: skip
        """An active alert in the log of alerts."""
        now = self.clock.now()
        label = self.live.config.inventory.label(bed) if bed else f"icu {device}"
        labels = {"alertname": name, "severity": str(severity), "kind": str(kind), "ward": bed[:3] or "icu", "bed": bed,
                  "device_id": device or f"mon-{bed}", "metric": metric}  # fmt: skip
        alert = Alert(
            id=id_ or f"{name}-{bed or device}", labels={k: v for k, v in labels.items() if v},
            annotations={
                "summary": f"{label}: {text}", "description": f"{label}: {text}. Since a minute, known after 15 s.",
                "rule": name, "config": self.live.config.hash, "value": "84 %", "limit": "88 %",
            },
            severity=severity, kind=kind, starts_at=now - round(ago * SECOND), updated_at=now - 1,
            ack=Ack(by=ack, at=now - 30 * SECOND, note="on my way") if ack else None,
            signal_lost_since=None if lost is None else now - round(lost * SECOND), value=84.0, limit=88.0,
            reason="sent immediately: first alert of this bed", notified_at=now - 1, receivers=("nurses",),
        )  # fmt: skip
        return self.send(alert)

    def send(self, alert: Alert) -> Alert:
        """Put an alert, or its next state, into the log of alerts."""
        self.log.send(ALERTS, [(alert.fingerprint, ALERT_WIRE.encode(alert))])
        return alert

    def acknowledged(self, alert: Alert, by: str) -> Alert:
        """The alert after an acknowledgement, in the log of alerts."""
        now = self.clock.now()
        return self.send(replace(alert, ack=Ack(by=by, at=now), updated_at=now))

    def unacknowledged(self, alert: Alert) -> Alert:
        """The alert after its acknowledgement was withdrawn, in the log of alerts."""
        return self.send(replace(alert, ack=None, updated_at=self.clock.now()))

    def ended(self, alert: Alert, why: EndReason = EndReason.RECOVERED) -> Alert:
        """The alert after its end, in the log of alerts."""
        now = self.clock.now()
        return self.send(replace(alert, state=State.ENDED, ends_at=now, ended=why, updated_at=now))

    def silenced(self, alert: Alert, minutes: float = 10) -> Silence:
        """A silence of an alert in the log of actions."""
        now = self.clock.now()
        silence = Silence(
            id=f"silence-{alert.id}", matchers=(Matcher("bed", "=", alert.labels["bed"]),), starts_at=now,
            ends_at=now + round(minutes * 60 * SECOND), by="Nurse Ada", comment="paracetamol given, wait for it",
            updated_at=now, alert=alert.id,
        )  # fmt: skip
        action = Action(
            id=silence.id, type=ActionType.SILENCE, subject=silence.id, by=silence.by, at=now, silence=silence
        )
        self.log.send(ACTIONS, [(silence.id, ACTION_WIRE.encode(action))])
        return silence

    def health(
        self, program: str, *, problem: Sequence[str] = (), numbers: dict[str, float] | None = None, instance: str = "",
        role: str = "",
    ) -> None:  # fmt: skip
        """A heartbeat of a program."""
        now, instance = self.clock.now(), instance or f"{program}-1"
        health = Heartbeat(
            program=program, instance=instance, at=now, started=START, config=self.live.config.hash,
            problems=list(problem), numbers=numbers or {}, role=role,
        )  # fmt: skip
        self.log.send(HEARTBEATS, [(f"{program} {instance}", HEARTBEAT_WIRE.encode(health))])

    def imaging(self, device: str, part: str, total: float, count: int, names: str) -> None:
        """A partial sum of one part of the detectors."""
        score = DetectorCurve(
            name="imaging", at=self.clock.now(), tags={"imaging_device": device, "part": part},
            fields={
                "sum": total, "count": float(count), "sensors": float(len(names.split())),
                "names": ",".join(names.split()),
            },
        )  # fmt: skip
        self.log.send(DETECTOR_CURVES, [(device, DETECTOR_CURVE_WIRE.encode(score))])

    def progress(self, device: str, signal: str, rule: str, text: str = "") -> None:
        """A report of the detectors about one rule and series: how far it is, or without a text its score."""
        score = DetectorCurve(
            name="cusum", at=self.clock.now(), tags={"device": device, "signal": signal, "rule": rule},
            fields={PROGRESS: text} if text else {"score": 0.1},
        )  # fmt: skip
        self.log.send(DETECTOR_CURVES, [(device, DETECTOR_CURVE_WIRE.encode(score))])

    def quarantined(self, reason: str, payload: bytes, topic: str = "ward/icu/x/readings") -> None:
        """A message in quarantine."""
        record = QuarantinedMessage(
            topic=topic, payload=payload, reason=reason, detail="not JSON", at=self.clock.now(), stage="intake"
        )
        self.log.send(QUARANTINE, [("", QUARANTINED_WIRE.encode(record))])


def mixed(scene: Scene, minutes: float = 12.0) -> None:
    """Twenty beds in all states, as on the screenshots."""
    beds = list(scene.live.config.inventory.beds)[:-1]
    steps = round(minutes * 60 / 2.5)
    for step in range(steps, -1, -1):
        ago = step * 2.5
        for i, bed in enumerate(beds):
            if (bed == "icu-09" and ago < 190) or (bed == "hdu-04" and 260 > ago > 200):
                continue
            scene.healthy(bed, ago=ago, **vitals(i, bed, ago))
        if ago < 60 and step % 2 == 0:
            scene.reading("x7", "icu", ago=ago, heart_rate=190 + step % 3)
            scene.reading("pump-3", "theatre", ago=ago, flow=4.25, battery=81)
    _alerts(scene)
    _system(scene)
    scene.settle()


def vitals(i: int, bed: str, ago: float) -> dict[str, float]:
    """The vital signs of the i-th bed some seconds ago."""

    def wave(size: float, period: float, of: int) -> float:
        t = ago + 97 * i + 31 * of
        return size * (
            0.4 * math.sin(t / period) + 0.35 * math.sin(t / period * 2.7 + i) + 0.25 * math.sin(t * 1.7 + of)
        )

    values = {
        "heart_rate": 62 + (i * 7) % 30 + wave(5, 70, 1), "systolic_bp": 112 + (i * 11) % 28 + wave(6, 120, 2),
        "diastolic_bp": 68 + (i * 5) % 16 + wave(4, 120, 2), "spo2": min(99, 96.4 + wave(1.5, 60, 4)),
        "temperature": 36.5 + (i % 6) / 10 + wave(0.1, 200, 5), "respiratory_rate": 13 + i % 5 + wave(2, 80, 6),
    }  # fmt: skip
    sinking = max(0.0, 1 - ago / 240)
    if bed == "icu-03":
        values |= {"spo2": 96 - 12 * sinking, "respiratory_rate": 16 + 9 * sinking, "heart_rate": 92 + 20 * sinking}
    if bed == "icu-07":
        values["heart_rate"] = 98 + 33 * sinking
    if bed == "icu-05":
        values |= {"systolic_bp": 118 - 36 * sinking, "diastolic_bp": 74 - 24 * sinking}
    if bed == "hdu-02":
        values["temperature"] = 38.9
    if bed == "hdu-08" and ago < 130:
        values["temperature"] = math.nan
    if bed == "hdu-04":
        values["spo2"] = math.nan if ago < 70 else 91
    return {n: v if v != v else round(v, 1 if n == "temperature" else 0) for n, v in values.items()}


def _alerts(scene: Scene) -> None:
    scene.alert("icu-03")
    scene.alert("icu-07", "tachycardia", "Heart rate 131 /min > 120", severity=Severity.MEDIUM,
                metric="heart_rate", ago=95)  # fmt: skip
    scene.alert("icu-05", "hypotension", "Systolic pressure 82 mmHg < 85", metric="systolic_bp", ago=140,
                ack="Nurse Ada")  # fmt: skip
    fever = scene.alert("hdu-02", "fever", "Temperature 38.9 °C > 38.5", severity=Severity.LOW,
                        metric="temperature", ago=300)  # fmt: skip
    scene.send(replace(fever, silenced_by=(scene.silenced(fever).id,), reason="silenced", notified_at=None))
    scene.alert("hdu-06", "monitor_battery", "Battery 9 % < 10", severity=Severity.LOW, kind=Kind.TECHNICAL,
                metric="battery", ago=900, ack="Tech Bo")  # fmt: skip
    scene.alert("hdu-04", "hypoxia", "SpO2 91 % < 92", severity=Severity.MEDIUM, ago=180, lost=70)
    scene.alert("", "tachycardia", "Heart rate 190 /min > 150", device="x7", metric="heart_rate", ago=30)
    scene.alert("", "humidity_high", "Humidity 71.7 % > 60", severity=Severity.MEDIUM,
                kind=Kind.TECHNICAL, device="MRI-12", metric="humidity", ago=400)  # fmt: skip
    old = scene.alert("icu-03", "tachycardia", "Heart rate 122 /min > 120", severity=Severity.MEDIUM,
                      metric="heart_rate", ago=600, ack="Nurse Ada", id_="old")  # fmt: skip
    scene.send(replace(old, state=State.ENDED, ended=EndReason.RECOVERED, ends_at=scene.clock.now() - 420 * SECOND))


def _system(scene: Scene) -> None:
    scene.scores = []
    for i in range(51):
        kind = ("MRI", "CT", "PETCT", "SPECT", "LINAC")[i % 5]
        names = " ".join(f"0-ZZZ{i:08}-{n:02}" for n in range(2 + i % 9))
        score = (f"{kind}-{i // 5 + 1}", "0", (41.3 + (i * 7.7) % 30) * (180 + i), 180 + i, names)
        scene.scores.append(score)
        scene.imaging(*score)
    for n in range(1, 5):
        scene.quarantined("json", b'{"v": 1, "values": {"heart_rate": NaN}}' + b"<script>alert(1)</script>" * (n % 2))
    scene.quarantined("too big", b"\x00\xff" * 200, topic="ward/icu/\u202e/readings")
    numbers = {
        "wardwatch_bridge_readings_accepted_total": 48211.0, "wardwatch_bridge_readings_received_total": 48216.0,
        'wardwatch_messages_quarantined_total{reason="json",stage="intake"}': 4.0,
        'wardwatch_messages_quarantined_total{reason="too big",stage="intake"}': 1.0,
        'wardwatch_archive_records_stored_total{topic="ward.readings"}': 48203.0,
        'wardwatch_consumer_lag_records{group="archive",topic="ward.readings"}': 8.0,
        "wardwatch_detectors_readings_evaluated_total": 48211.0,
        'wardwatch_consumer_lag_records{group="detectors",topic="ward.readings"}': 0.0,
        'wardwatch_consumer_lag_records{group="alerts",topic="ward.findings"}': 0.0,
        'wardwatch_delay_seconds_sum{stage="log"}': 96.4, 'wardwatch_delay_seconds_count{stage="log"}': 48211.0,
        'wardwatch_delay_seconds_sum{stage="detect"}': 530.3,
        'wardwatch_delay_seconds_count{stage="detect"}': 48211.0,
        'wardwatch_delay_seconds_sum{stage="store"}': 2100.0,
        'wardwatch_delay_seconds_count{stage="store"}': 48203.0,
        'wardwatch_notification_decisions_total{reason="first_of_bed"}': 7.0,
        'wardwatch_notification_decisions_total{reason="group_wait"}': 3.0,
        'wardwatch_notification_attempts_total{channel="mail",result="delivered"}': 12.0,
        'wardwatch_notification_attempts_total{channel="mail",result="failed"}': 1.0,
        'wardwatch_outbox_notifications{channel="mail"}': 0.0,
        'wardwatch_outbox_oldest_age_seconds{channel="mail"}': 0.0,
    }  # fmt: skip
    for program in ("bridge", "detectors", "alerts"):
        scene.health(program, numbers=numbers if program == "bridge" else {})
    subject = "HIGH priority, ICU bed 3: SpO2 84 % < 88"
    scene.mail.mails.append(ReceivedMail("1", scene.clock.now() - 60 * SECOND, subject, "SpO2 84 %\n<b>x</b>"))
