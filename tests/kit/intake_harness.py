"""The bridge's intake between a broker and a log in memory."""

from bridge.intake import Intake
from tests.kit.log_records import log_messages
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.reading import Reading
from ward.topics import QUARANTINE, READINGS
from ward.wire import QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage


class RecordingBroker(MemoryBroker):
    """A broker that also records what the bridge publishes."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))
        super().publish(topic, payload)


class IntakeHarness:
    """Delivers messages to an intake and reads what it has sent to the log. `live.config` may be replaced."""

    def __init__(self, config: Config, log: MemoryLog | None = None) -> None:
        self.clock, self.metrics, self.broker = ManualClock(), Metrics(), RecordingBroker()
        self.log, self.live = log or MemoryLog(), FixedConfig(config)
        self.intake = self.start()

    def start(self) -> Intake:
        """Another intake, as after a kill."""
        self.intake = Intake(self.broker, self.log, self.live, self.clock, self.metrics)
        return self.intake

    def step(self) -> None:
        """Steps until the intake has nothing to do."""
        while self.intake.step(0):
            pass

    def deliver(self, topic: str, payload: bytes) -> None:
        """A message to the broker, then `step`."""
        self.broker.deliver(topic, payload)
        self.step()

    def readings(self) -> list[Reading]:
        """All readings in the log, those of a device's status included."""
        return log_messages(self.log, READINGS, READING_WIRE)

    def quarantine(self) -> list[QuarantinedMessage]:
        return log_messages(self.log, QUARANTINE, QUARANTINED_WIRE)

    def number(self, name: str) -> float:
        """A metric, without its prefix `wardwatch_`; 0 while it does not exist."""
        return self.metrics.samples().get(f"wardwatch_{name}", 0.0)
