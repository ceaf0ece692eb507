"""Telegraf from the same broker into the same Kafka: a process of its own, where `TELEGRAF=` names its program."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from benchmarks.messages import packets
from benchmarks.publisher import Publisher
from benchmarks.resource_usage import ResourceUsage
from benchmarks.subprocess_job import PATIENCE, StartGate
from ward.clock import SystemClock

PROGRAM = os.environ.get("TELEGRAF", "")
# Every reading as JSON with acks=all; as many in flight as the bridge takes at once.
_CONFIG = """
[agent]
  flush_interval = "100ms"
  metric_batch_size = 2000
  metric_buffer_limit = 1000000
  omit_hostname = true
  quiet = true
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


def telegraf(gate: StartGate, port: int, brokers: str, root: str, count: int) -> ResourceUsage:
    """Telegraf, until `count` readings are in Kafka. A first reading shows that it is ready, and does not count."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "telegraf.conf"
        config.write_text(_CONFIG.format(port=port, root=root, brokers=brokers), encoding="utf-8")
        topic = _Topic(brokers, root)
        process = subprocess.Popen([PROGRAM, "--config", str(config)], stderr=subprocess.DEVNULL)
        try:
            first = _first_reading(port, root, topic)
            gate.ready()
            began, cpu = time.perf_counter(), _cpu(process.pid)
            topic.wait_for(first + count)
            seconds = time.perf_counter() - began
            return ResourceUsage(count, seconds, _cpu(process.pid) - cpu, _memory(process.pid))
        finally:
            process.kill()
            process.wait()
            topic.close()


class _Topic:
    """The number of records in a topic of Kafka."""

    def __init__(self, brokers: str, name: str) -> None:
        self._name = name
        self._consumer: Any = Consumer({"bootstrap.servers": brokers, "group.id": f"count-{name}"})

    def records(self) -> int:
        found = self._consumer.list_topics(self._name, 10).topics[self._name]
        ends = [self._consumer.get_watermark_offsets(TopicPartition(self._name, number)) for number in found.partitions]
        return sum(high for low, high in ends if high > 0)

    def wait_for(self, count: int) -> None:
        until = time.monotonic() + PATIENCE
        while self.records() < count:
            assert time.monotonic() < until, f"{self.records()} of {count} readings are in Kafka"
            time.sleep(0.02)

    def close(self) -> None:
        self._consumer.close()


def _first_reading(port: int, root: str, topic: _Topic) -> int:
    """Send readings until one is in Kafka. Returns how many there are once they are all."""
    publisher, sent = Publisher(port, f"probe-{root}"), 0
    until = time.monotonic() + PATIENCE
    while topic.records() == 0:
        assert time.monotonic() < until, "Telegraf forwards nothing"
        publisher.send(packets(1, 1, SystemClock().now(), root))
        sent += 1
        time.sleep(1)
    time.sleep(1)
    publisher.close()
    return topic.records()


def _cpu(process: int) -> float:
    """CPU-seconds of a process and its threads."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(process: int) -> float:
    """MB of a process at its peak."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
