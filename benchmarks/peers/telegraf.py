"""Telegraf from the same broker into the same Kafka: a process of its own, where `TELEGRAF=` names its program."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.external_engines import EngineMissing
from benchmarks.messages import packets
from benchmarks.publisher import Publisher
from benchmarks.resource_usage import ResourceUsage
from ward.adapters.kafka.settings import KafkaSettings
from ward.clock import SystemClock

READY_WITHIN, DONE_WITHIN = 30.0, 60.0  # seconds
# Every reading as JSON with acks=all. `mqtt_consumer` acknowledges to the broker once Kafka has the message; it may
# hold ten batches that are not acknowledged.
_CONFIG = """
[agent]
  flush_interval = "100ms"
  metric_batch_size = 2000
  metric_buffer_limit = 1000000
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{port}"]
  topics = ["{root}/+/+/readings"]
  qos = 1
  persistent_session = true
  client_id = "telegraf-{root}"
  max_undelivered_messages = 20000
  data_format = "json"
[[outputs.kafka]]
  brokers = ["{brokers}"]
  topic = "{root}"
  required_acks = -1
  data_format = "json"
"""
_TICKS = os.sysconf("SC_CLK_TCK")


def program() -> str:
    """Telegraf's program. Raises `EngineMissing`."""
    named = os.environ.get("TELEGRAF", "")
    if not os.access(named, os.X_OK):
        raise EngineMissing(f"TELEGRAF names no program: {named or 'it is not set'}")
    return named


class Telegraf:
    """A running Telegraf that has forwarded a first reading. `go` begins to measure, `result` waits for the end."""

    def __init__(self, process: int, topic: "_Topic", port: int, root: str, count: int) -> None:
        self._process = process
        self._topic = topic
        self._count = count
        self._first = _first_reading(port, root, topic)
        self._began = self._cpu = 0.0

    def go(self) -> None:
        self._began, self._cpu = time.perf_counter(), _cpu(self._process)

    def result(self) -> ResourceUsage:
        """What the readings cost. Raises `AssertionError` when they are not in Kafka within `DONE_WITHIN`."""
        until = time.monotonic() + DONE_WITHIN
        while (found := self._topic.records() - self._first) < self._count:
            assert time.monotonic() < until, f"after {DONE_WITHIN:.0f} s {found} of {self._count} readings are in Kafka"
            time.sleep(0.05)
        seconds, cpu = time.perf_counter() - self._began, _cpu(self._process) - self._cpu
        return ResourceUsage(self._count, seconds, cpu, _memory(self._process))


@contextmanager
def telegraf(port: int, brokers: str, root: str, count: int) -> Iterator[Telegraf]:
    """Telegraf for `count` readings. An assertion that fails meanwhile has the end of Telegraf's log in its text."""
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder) / "telegraf.conf", Path(folder) / "log"
        config.write_text(_CONFIG.format(port=port, root=root, brokers=brokers), encoding="utf-8")
        topic = _Topic(brokers, root)
        with log.open("wb") as words:
            process = subprocess.Popen([program(), "--config", str(config)], stdout=words, stderr=words)
        try:
            yield Telegraf(process.pid, topic, port, root, count)
        except AssertionError as error:
            last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise AssertionError(f"{error}; Telegraf's last line: {last[:300]}") from None
        finally:
            process.kill()
            process.wait()
            topic.close()


class _Topic:
    """A new topic of Kafka with as many partitions as ours, and the number of its records."""

    def __init__(self, brokers: str, name: str) -> None:
        self._parts = [TopicPartition(name, number) for number in range(KafkaSettings(servers=brokers).partitions)]
        admin = AdminClient({"bootstrap.servers": brokers})
        admin.create_topics([NewTopic(name, len(self._parts))])[name].result(READY_WITHIN)
        self._consumer: Any = Consumer({"bootstrap.servers": brokers, "group.id": f"count-{name}"})

    def records(self) -> int:
        return sum(map(self._end, self._parts))

    def close(self) -> None:
        self._consumer.close()

    def _end(self, part: TopicPartition) -> int:
        with suppress(KafkaException):  # its leader is not elected yet
            return int((self._consumer.get_watermark_offsets(part, timeout=5) or (0, 0))[1])
        return 0


def _first_reading(port: int, root: str, topic: _Topic) -> int:
    """Send readings until one is in Kafka: only then is Telegraf subscribed. Returns how many are there in the end."""
    until = time.monotonic() + READY_WITHIN
    with closing(Publisher(port, f"first-{root}")) as publisher:
        while topic.records() == 0:
            assert time.monotonic() < until, f"Telegraf forwards nothing within {READY_WITHIN:.0f} s"
            publisher.send(packets(1, 1, SystemClock().now(), root))
            time.sleep(1)
        time.sleep(1)
    return topic.records()


def _cpu(process: int) -> float:
    """CPU-seconds of a process and its threads."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(process: int) -> float:
    """MB of a process at its peak."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
