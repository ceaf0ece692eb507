"""What librdkafka is told, each setting with its reason."""

from dataclasses import dataclass, field
from typing import Any

from ward.adapters.retention import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Where Kafka is and how this house uses it.

    `prefix` stands before each topic and group, so that sites can share a cluster. `instance`, when
    given, is this process's name in its groups: a restart within `session` seconds moves no
    partition, and a dead process is not replaced for as long.
    """

    servers: str
    prefix: str = ""
    partitions: int = 4
    replication: int = -1  # the cluster's own default
    retention: Retention = field(default_factory=Retention)
    instance: str = ""
    session: float = 10.0
    queue: int = 100_000
    security: dict[str, str] = field(default_factory=dict, repr=False)  # librdkafka's own names; holds a password

    def common(self) -> dict[str, Any]:
        """For producers, consumers and the admin client alike."""
        return {
            "bootstrap.servers": self.servers,
            "client.id": "wardwatch",
            # Back at work soon after the broker is; the default may wait ten seconds.
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 2_000,
            # A request to a frozen broker is given up and sent again, instead of after a minute.
            "socket.timeout.ms": 10_000,
            # A small record goes out now, not with the next one.
            "socket.nagle.disable": True,
            "log_level": 5,
            **self.security,
        }

    def producer(self) -> dict[str, Any]:
        return {
            **self.common(),
            # All replicas have it, no retry stands twice, and order holds: what a receipt promises.
            "enable.idempotence": True,
            "acks": "all",
            # No limit: while the broker is away a record waits here and its sender's receipt stays open.
            # The default gives up after five minutes, and only the delivery callback says so.
            "message.timeout.ms": 0,
            # Records that come within 5 ms share a request: ten times the rate for a delay nobody sees.
            "linger.ms": 5,
            # Readings are JSON and much alike: a fifth of the bytes for little time.
            "compression.type": "lz4",
            # What is queued is what a sender must send again if this process dies: bounded, then back pressure.
            "queue.buffering.max.messages": self.queue,
            "queue.buffering.max.kbytes": 256 * 1024,
        }

    def reader(self) -> dict[str, Any]:
        """For whoever reads by explicit positions, outside of any group."""
        return {
            **self.common(),
            "group.id": f"{self.prefix}wardwatch-readers",  # librdkafka wants one; nothing is committed to it
            # Positions move when the work is done, not when the record has been fetched.
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            # Never skip to either end in silence: a position that is gone is an error.
            "auto.offset.reset": "error",
            # Fetch well ahead, but look again soon once there is room: the default pauses for a second.
            "queued.min.messages": 100_000,
            "queued.max.messages.kbytes": 64 * 1024,
            "fetch.queue.backoff.ms": 20,
            "fetch.error.backoff.ms": 200,
            "fetch.wait.max.ms": 100,
        }

    def onlooker(self, group: str) -> dict[str, Any]:
        """For whoever asks how far a group is, without joining it."""
        return {**self.reader(), "group.id": self.prefix + group}

    def member(self, group: str, number: int) -> dict[str, Any]:
        """For the `number`-th member of a group in this process."""
        settings = {
            **self.reader(),
            "group.id": self.prefix + group,
            # Only what must move moves: each partition carries detectors' state that must be read again.
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": round(self.session * 1000),
            # Three heartbeats may be lost; a rebalance is told of with the next one.
            "heartbeat.interval.ms": min(1000, round(self.session * 1000 / 4)),
            # Taking over a partition reads its state, and a step may wait for a store. But so long a group may also
            # wait for a member that died in the middle of a rebalance, and all others with it.
            "max.poll.interval.ms": max(60_000, round(self.session * 1000)),
        }
        if self.instance:
            settings["group.instance.id"] = f"{self.instance}-{number}"
        return settings
