"""A whole ward in one process: log, store, bridge, detectors, alerts, web, simulators."""

from dataclasses import dataclass, field
from pathlib import Path

from iotcore import Broker as EmbeddedBroker
from pydantic import SecretStr

from alerts.bell import Bell
from alerts.pipeline import Pipeline
from alerts.senders import Senders
from app.mail import Mailbox
from bridge.archive import Archive
from bridge.intake import Intake
from detectors.engine.worker import Worker
from detectors.limits import LimitsParams
from simulators.monitor import Monitor
from ward.adapters.mqtt import MqttBroker
from ward.adapters.mqtt_link import MqttLink
from ward.adapters.sqlite_log import SqliteLog
from ward.adapters.sqlite_store import SqliteStore
from ward.clock import Clock, SystemClock
from ward.config.alerting import Alerting, Channel
from ward.config.config import CodecRule, Config
from ward.config.live import Fixed
from ward.config.rule import Rule
from ward.finding import Kind
from ward.inventory import Bed, Device, DeviceKind, Inventory, Post, Ward
from ward.metrics import Metrics
from ward.service import Recipe, Runner
from ward.signals import Catalogue, Signal
from ward.topics import DeviceTopics
from web.app import make_app
from web.desk import Desk
from web.server import Server, bind
from web.views.follower import Follower
from web.views.picture import Picture
from web.views.recall import Recall

ROOT = "ward"


def thin_config(mail: str) -> Config:
    """One ward, one bed, one device, one rule, one channel."""
    heart_rate = Signal(
        name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0, low=10, high=300,
        measurement="vitals",
    )  # fmt: skip
    tachycardia = Rule(
        "tachycardia", "limits", ("heart_rate",), Kind.PHYSIOLOGICAL, LimitsParams,
        {"side": "high", "medium": 120, "high": 150, "hysteresis": 5, "for": "5s", "keep": "5s"},
    )  # fmt: skip
    inventory = Inventory(
        wards=[Ward(id="icu", name="Intensive care")],
        beds=[Bed(id="icu-01", ward="icu", label="ICU bed 1")],
        kinds=[DeviceKind(name="bedside_monitor", label="Bedside monitor", signals={"heart_rate": 2.5})],
        devices=[Device(id="mon-icu-01", kind="bedside_monitor", posts=(Post(ward="icu", bed="icu-01"),))],
    )
    return Config(
        "thin", Catalogue({"heart_rate": heart_rate}), inventory, (tachycardia,),
        Alerting(channels=(Channel(name="mail", urls=(SecretStr(mail),)),)),
        (CodecRule("ward/+/+/readings", "native"),),
    )  # fmt: skip


@dataclass
class Stack:
    """All parts of an embedded ward. `start` runs them, `stop` ends them whole."""

    data: Path
    mqtt_port: int
    http_port: int
    clock: Clock = field(default_factory=SystemClock)
    metrics: Metrics = field(default_factory=Metrics)

    def start(self) -> None:
        self._listener = bind("127.0.0.1", self.http_port)
        self.mailbox = Mailbox(self.data)
        self.config = thin_config(
            f"mailto://127.0.0.1:{self.mailbox.port}/?from=ward@ward.test&to=nurse@ward.test&mode=insecure"
        )
        self._broker = EmbeddedBroker(port=self.mqtt_port, listen="127.0.0.1", max_payload_size=300_000).start()
        self.log = SqliteLog(self.data / "log.db")
        self.store = SqliteStore(self.data / "store.db")
        self._bell = Bell()
        self.runner = Runner(self._recipes(), self.metrics)
        self.runner.start()

    def stop(self) -> bool:
        ended = self.runner.stop()
        self._broker.stop()
        self.mailbox.close()
        self._listener.close()
        for engine in (self.log, self.store, self._bell):
            engine.close()
        return ended

    def _recipes(self) -> list[Recipe]:
        url, config, log, clock, metrics = (
            f"mqtt://127.0.0.1:{self.mqtt_port}",
            self.config,
            self.log,
            self.clock,
            self.metrics,
        )
        live = Fixed(config)
        filters = [rule.filter for rule in config.codecs]
        topics = DeviceTopics(ROOT, "icu", "mon-icu-01")
        picture = Picture(live, clock)
        screen = make_app(Desk(log=log, store=self.store, live=live, clock=clock, metrics=metrics, picture=picture))
        return [
            Recipe(
                "intake",
                lambda: Intake(MqttBroker(url, "wardwatch-intake", filters, metrics), log, live, clock, metrics),
            ),
            Recipe("archive", lambda: Archive(log, self.store, live, clock, metrics)),
            Recipe("detectors", lambda: Worker(log, live, clock, metrics)),
            Recipe("alerts", lambda: Pipeline(log, live, self.data, clock, metrics, self._bell)),
            Recipe("senders", lambda: Senders(live, self.data, clock, metrics, self._bell)),
            Recipe("web-follow", lambda: Follower(log, picture, clock, metrics)),
            Recipe("web-recall", lambda: Recall(self.store, picture, clock)),
            Recipe("web", lambda: Server(screen, self._listener)),
            Recipe("simulators", lambda: Monitor(MqttLink(url, topics), topics, clock, 1)),
        ]
