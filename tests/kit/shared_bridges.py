"""Bridges that share the devices, on one log and the sessions of one broker in memory."""

from collections.abc import Callable

from bridge.intake import Intake
from bridge.share import Share
from bridge.shares import Shares
from tests.kit.log_records import log_messages
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.ports import Message, TransactionalProducer
from ward.reading import Reading
from ward.topics import QUARANTINE, READINGS
from ward.wire import QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage


class Session(MemoryBroker):
    """A session at the broker. Its owner is the connection that opened it last: the broker disconnects the others."""

    owner: object = None


class Connection:
    """Port `Broker`: a bridge's connection to a session, which it opens while it may."""

    def __init__(self, session: Session, may_connect: Callable[[], bool]) -> None:
        self._session, self._may_connect = session, may_connect
        self.closed = False
        self.published: list[tuple[str, bytes]] = []

    def keep(self) -> bool:
        """Whether it is the connection of its session; it opens that if it may, as the keeper thread does."""
        if not self.closed and self._session.owner is not self and self._may_connect():
            self._session.owner = self
            self._session.reconnect(subscribe=True)
        return self._session.owner is self

    def receive(self, limit: int, wait: float) -> list[Message]:
        return self._session.receive(limit, wait) if self.keep() else []

    def subscribe(self, filters: object) -> None:
        """Each session is subscribed to all topics."""

    def skip(self, unwanted: object) -> None:
        """Nothing is skipped: the intake has to see what is not its own."""

    def acknowledge(self, messages: list[Message]) -> None:
        if self._session.owner is self:
            self._session.acknowledge(messages)

    def publish(self, topic: str, payload: bytes) -> None:
        self.published.append((topic, payload))

    def publish_all(self, messages: list[tuple[str, bytes]]) -> None:
        self.published += messages

    def problem(self) -> str:
        return "" if self._session.owner is self else "no connection to the MQTT broker"

    def close(self) -> None:
        self.closed = True
        if self._session.owner is self:
            self._session.owner = None
            self._session.close()


class SharingBridge:
    """One process: its part, its metrics, and all connections that it has opened."""

    def __init__(self, ward: "SharedWard") -> None:
        self.ward, self.metrics = ward, Metrics()
        self.connections: list[Connection] = []
        self.shares = Shares(ward.log, ward.count, self._open, ward.clock)

    def _open(
        self, share: Share, may_connect: Callable[[], bool], producer: TransactionalProducer | None
    ) -> Intake:  # fmt: skip
        connection = Connection(self.ward.sessions[share.number], may_connect)
        self.connections.append(connection)
        live, clock = self.ward.live, self.ward.clock
        return Intake(connection, self.ward.log, live, clock, self.metrics, share, producer)  # type: ignore[arg-type]

    @property
    def role(self) -> str:
        return self.shares.role()

    def step(self, times: int = 6) -> None:
        for _ in range(times):
            for connection in self.connections:
                connection.keep()
            self.shares.step(0)

    def number(self, name: str) -> float:
        return self.metrics.samples().get(f"wardwatch_{name}", 0.0)


class SharedWard:
    """The log, the sessions of the shares, and bridges that are started as wanted."""

    def __init__(self, config: Config, count: int = 2, log: MemoryLog | None = None) -> None:
        self.clock, self.log, self.live, self.count = ManualClock(), log or MemoryLog(), FixedConfig(config), count
        self.sessions = [Session() for _ in range(count)]

    def start(self) -> SharingBridge:
        return SharingBridge(self)

    def deliver(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """A message of a device, to each session."""
        for session in self.sessions:
            session.publish_from(topic, payload, retain)

    def readings(self) -> list[Reading]:
        return log_messages(self.log, READINGS, READING_WIRE)

    def quarantine(self) -> list[QuarantinedMessage]:
        return log_messages(self.log, QUARANTINE, QUARANTINED_WIRE)

    def waiting(self) -> int:
        """How many messages are not acknowledged to the broker."""
        return sum(len(session._waiting) + len(session._unacknowledged) for session in self.sessions)
