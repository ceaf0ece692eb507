"""Parts of the programs in this process, with a config of the benchmark's own."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from alerts.delivery.senders import Senders
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from alerts.pipeline import Pipeline
from alerts.ports.notifier import MakeNotifier
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.state_file import StateFile
from app.mqtt_gate.gate import MqttGate
from app.mqtt_gate.intake_window import IntakeWindow, WindowedBroker
from app.runtime.part_runner import PartFactory, PartRunner
from bridge.archive import Archive
from bridge.intake import Intake
from detectors.worker.worker import Worker
from tests.engines.engine import free_port
from ward.adapters.factory import open_broker, open_log, open_store
from ward.clock import SystemClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.ports import Broker
from ward.wakeup import Wakeup

_ENDS = (
    "bridge_readings_accepted_total",
    'archive_records_stored_total{topic="ward.readings"}',
    "detectors_readings_evaluated_total",
)


class DiscardingNotifier:
    """A channel that discards all messages."""

    recipients = ("nobody",)

    def __init__(self, channel: str, number: int, url: str) -> None: ...

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        return ((name, DeliveryResult(Outcome.DELIVERED)) for name in recipients)

    def close(self) -> None: ...


class BenchmarkSystem:
    """Runs intake, archive, detectors and alerts, or some of them, each in a thread, until closed.

    With `gate`, a port, there is the gate of the embedded ward before the broker as well.
    """

    def __init__(
        self, config: Config, data: Path, *, broker: str, log: str, store: str = "",
        make: MakeNotifier = DiscardingNotifier,
        parts: Sequence[str] = ("intake", "archive", "detectors", "alerts", "senders"), gate: int = 0,
    ) -> None:  # fmt: skip
        self.metrics, self._clock, self._closing = Metrics(), SystemClock(), ExitStack()
        self._live, self._url, self._window = FixedConfig(config), broker, IntakeWindow()
        self._log = self._closed_at_end(open_log(log, self._clock, "LOG"))
        self._store = self._closed_at_end(open_store(store, self._clock, "STORE")) if store else None
        wakeup = self._closed_at_end(Wakeup())
        common, live, found = (self._clock, self.metrics), self._live, self._log
        made: dict[str, Callable[[], Any]] = {
            "intake": lambda: Intake(self._broker(), found, live, *common),
            "archive": lambda: Archive(found, self._store, live, *common),  # type: ignore[arg-type]
            "detectors": lambda: Worker(found, live, *common),
            "alerts": lambda: Pipeline(found, live, StateFile.in_folder(data, self._clock.now()), *common, wakeup),
            "senders": lambda: Senders(live, lambda: OutboxFile.in_folder(data), make, *common, wakeup),
        }
        factories = [PartFactory(name, made[name]) for name in parts]
        if gate:
            port = int(broker.rpartition(":")[2])
            factories.append(PartFactory("mqtt-gate", lambda: MqttGate(gate, port, self._clock, self._window)))
        self._runner = PartRunner(factories, self.metrics)
        self._runner.start()

    def number(self, name: str) -> float:
        """A metric without its prefix; 0 until it exists."""
        return self.metrics.samples().get(f"wardwatch_{name}", 0.0)

    def done(self, count: int) -> bool:
        """Whether so many readings are acknowledged, stored and evaluated. It takes milliseconds: call it rarely."""
        numbers = self.metrics.samples()
        return all(numbers.get(f"wardwatch_{name}", 0.0) >= count for name in _ENDS)

    @property
    def up(self) -> bool:
        """Whether the bridge is connected to the broker."""
        return self.number("broker_up") == 1

    def close(self) -> None:
        self._runner.stop(30.0)
        assert not self._runner.problem, self._runner.problem
        self._closing.close()

    def _broker(self) -> Broker:
        filters = [rule.filter for rule in self._live.config.codecs]
        found = open_broker(self._url, "bench", filters, self.metrics, self._clock, "BROKER")
        return WindowedBroker(found, self._window)

    def _closed_at_end(self, engine: Any) -> Any:
        self._closing.callback(engine.close)
        return engine


class EmbeddedBroker:
    """iotcore on a free port."""

    def __init__(self) -> None:
        from iotcore import Broker as IotCore

        self.port = free_port()
        self._broker = IotCore(port=self.port, listen="127.0.0.1", max_payload_size=300_000)
        self._broker.start()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._broker.stop()
