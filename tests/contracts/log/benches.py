"""Each log on a bench: opened, opened again as after a restart, and with what retention does."""

from pathlib import Path

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from ward.adapters.kafka.log import KafkaLog
from ward.adapters.kafka.settings import KafkaSettings
from ward.adapters.log_retention import DAY
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.log import SqliteLog
from ward.clock import ManualClock
from ward.ports import Log, Partition


class MemoryBench:
    """Its end is the process's end: opening it again finds the same object."""

    def __init__(self) -> None:
        self.log: Log = MemoryLog()

    def again(self) -> Log:
        return self.log

    def trim(self, partition: Partition, upto: int) -> None:
        assert isinstance(self.log, MemoryLog)
        self.log.trim(partition, upto)

    def close(self) -> None:
        self.log.close()


class SqliteBench:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clock = ManualClock()
        self.log: Log = SqliteLog(path, clock=self._clock)

    def again(self) -> Log:
        self.log.close()
        self.log = SqliteLog(self._path, clock=self._clock)
        return self.log

    def trim(self, partition: Partition, upto: int) -> None:
        """Let what is there grow old; the log's own housekeeping does the rest."""
        self._clock.advance(40 * DAY)
        for _ in range(20):
            assert self.log.send(partition.topic, [(f"k{n}", b"new") for n in range(20)]).acked(10)

    def close(self) -> None:
        self.log.close()


class KafkaBench:
    """Topics of its own on a running Kafka."""

    def __init__(self, port: int, prefix: str) -> None:
        self._settings = KafkaSettings(servers=f"127.0.0.1:{port}", prefix=prefix, session=6.0)
        self.log: Log = KafkaLog(self._settings)

    def again(self) -> Log:
        self.log.close()
        self.log = KafkaLog(self._settings)
        return self.log

    def trim(self, partition: Partition, upto: int) -> None:
        admin = AdminClient({"bootstrap.servers": self._settings.servers})
        place = TopicPartition(self._settings.prefix + partition.topic, partition.number, upto)
        for done in admin.delete_records([place]).values():
            done.result(10)

    def close(self) -> None:
        self.log.close()


Bench = MemoryBench | SqliteBench | KafkaBench
