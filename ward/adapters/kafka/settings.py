"""The settings of librdkafka, each with its reason."""

from dataclasses import dataclass, field
from typing import Any

from ward.adapters.log_retention import LogRetention


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """The address of Kafka, and how Wardwatch uses it.

    `prefix` is put before each topic and group, so that sites can share a cluster. `instance` makes this process a
    static member of its groups: a restart within `session` seconds moves no partition, and a failed process is not
    replaced for so long.
    """

    servers: str
    prefix: str = ""
    partitions: int = 4
    replication: int = -1  # the cluster's own default
    retention: LogRetention = field(default_factory=LogRetention)
    instance: str = ""
    session: float = 10.0
    queue: int = 100_000
    security: dict[str, str] = field(default_factory=dict, repr=False)  # librdkafka's own names; holds a password

    def common(self) -> dict[str, Any]:
        """Settings of producers, consumers and the admin client."""
        return {
            "bootstrap.servers": self.servers,
            "client.id": "wardwatch",
            # Reconnect soon after the broker is back; the default waits up to ten seconds.
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 2_000,
            # A request to a broker that hangs is sent again after this time; the default is a minute.
            "socket.timeout.ms": 10_000,
            # A small record is sent at once, not together with the next one.
            "socket.nagle.disable": True,
            "log_level": 5,
            **self.security,
        }

    def producer(self) -> dict[str, Any]:
        """Settings of the producer."""
        return {
            **self.common(),
            # All replicas have the record, no retry is in the log twice, and order is kept: the guarantee of a receipt.
            "enable.idempotence": True,
            "acks": "all",
            # No limit: while the broker is away a record waits here and its receipt is not acknowledged.
            # The default gives up after five minutes, and only the delivery callback says so.
            "message.timeout.ms": 0,
            # Records of 5 ms share a request: ten times the rate for a short delay.
            "linger.ms": 5,
            # Readings are similar JSON objects: compression saves four fifths of the bytes.
            "compression.type": "lz4",
            # Queued records are lost in a crash and must be sent again: the queue is limited, then senders wait.
            "queue.buffering.max.messages": self.queue,
            "queue.buffering.max.kbytes": 256 * 1024,
        }

    def transactional_producer(self, name: str) -> dict[str, Any]:
        """Settings of the producer that fences all earlier ones of this name."""
        return {
            **self.producer(),
            "transactional.id": self.prefix + name,
            # A transaction that is open for longer is aborted by Kafka; its records may not wait longer than that.
            "transaction.timeout.ms": 60_000,
            "message.timeout.ms": 60_000,
            # Nothing more comes before the commit.
            "linger.ms": 0,
        }

    def reader(self) -> dict[str, Any]:
        """Settings of consumers without a group, with explicit positions."""
        return {
            **self.common(),
            "group.id": f"{self.prefix}wardwatch-readers",  # librdkafka needs one; nothing is committed to it
            # Positions are committed after the work is done, not when a record was fetched.
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            # A position that was deleted is an error; the default skips to an end unnoticed.
            "auto.offset.reset": "error",
            # Fetch ahead, and continue soon once the queue has room; the default waits for a second.
            "queued.min.messages": 100_000,
            "queued.max.messages.kbytes": 64 * 1024,
            # A fetch has little of each partition: what is read at once comes from all of them, and what is live in one
            # does not wait for a backlog in another.
            "max.partition.fetch.bytes": 64 * 1024,
            "fetch.queue.backoff.ms": 20,
            "fetch.error.backoff.ms": 200,
            "fetch.wait.max.ms": 100,
            # Records of a transaction are read when it is committed. Its own mark takes an offset and is never
            # returned as a record: the event of the end says that nothing but marks is left. Without it a partition
            # whose devices are silent would never be read to its end, and none of them reported as missing.
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }

    def offset_reader(self, group: str) -> dict[str, Any]:
        """Settings for reading the committed offsets of a group without joining it."""
        return {**self.reader(), "group.id": self.prefix + group}

    def member(self, group: str, number: int) -> dict[str, Any]:
        """Settings of member `number` of a group in this process."""
        settings = self.anonymous_member(group)
        if self.instance:
            settings["group.instance.id"] = f"{self.instance}-{number}"
        return settings

    def anonymous_member(self, group: str, session: float | None = None) -> dict[str, Any]:
        """Settings of a member whose partitions move at once when it leaves, also in a restart."""
        session = session or self.session
        return {
            **self.reader(),
            "group.id": self.prefix + group,
            # A rebalance moves as few partitions as possible: for each one moved, detectors must restore its state.
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": round(session * 1000),
            # Three heartbeats may be lost; a member learns of a rebalance with the next one.
            "heartbeat.interval.ms": min(1000, round(session * 1000 / 4)),
            # Restoring the state of a partition takes time, and a step may wait for a store. But a group may also wait
            # so long for a member that failed in the middle of a rebalance.
            "max.poll.interval.ms": max(60_000, round(session * 1000)),
        }
