"""The bridge's intake from Mosquitto to Kafka beside a bare paho receiver on the same broker.

    python -m benchmarks.bridge

A publisher sends the same flood of readings to both. The receiver counts what it was handed and lets paho
acknowledge. The bridge has decoded, checked, delivered to Kafka with acks=all, had the report, acknowledged to the
broker and to the device; a reading counts when all that is done, and afterwards Kafka is asked whether it is there.

Where `TELEGRAF=` names its program, Telegraf takes the same flood into the same Kafka (`benchmarks/peers/telegraf.py`):
it decodes and delivers with acks=all, and a reading counts when Kafka has it.
"""

from contextlib import closing
from functools import partial
from typing import Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from app.runtime.part_runner import tune_gc
from benchmarks.external_engines import MosquittoWithoutAutosave, running
from benchmarks.messages import packets
from benchmarks.peers.telegraf import program, telegraf
from benchmarks.publisher import Publisher
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult, compare
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.tables import print_results
from benchmarks.ward_config import full_config, names
from bridge.intake import Intake
from bridge.share import Share
from tests.engines.kafka import Kafka
from tests.engines.mosquitto import Mosquitto
from ward.adapters.factory import open_broker, open_log
from ward.clock import SystemClock
from ward.config.live_config import FixedConfig
from ward.metrics import Metrics
from ward.topics import READINGS

DEVICES = 1000
_ACCEPTED = "wardwatch_bridge_readings_accepted_total"


def bridge(
    gate: StartGate, broker_url: str, log_url: str, root: str, count: int, number: int = 0, shares: int = 1
) -> ResourceUsage:
    """The intake of one share, until all of its readings, of `count` in all, are durable and acknowledged."""
    clock, metrics, live = SystemClock(), Metrics(), FixedConfig(full_config(DEVICES, root))
    log, share = open_log(log_url, clock, "LOG"), Share(number, shares)
    filters = [rule.filter for rule in live.config.codecs]
    broker = open_broker(broker_url, f"bench-{root}-{number}", filters, metrics, clock, "BROKER")
    producer = log.transactions(f"bench-{number}") if shares > 1 else None  # as the program does
    intake = Intake(broker, log, live, clock, metrics, share, producer)
    own = sum(map(share.has, names(DEVICES))) * count // DEVICES
    while broker.problem():
        intake.step(0.1)
    intake.step(0.5)
    gate.ready()
    tune_gc()  # as the runner does
    meter, done = UsageMeter(), 0
    while done < own or metrics.samples()[_ACCEPTED] < own:
        done += intake.step(0.2)
    cost = meter.cost(own)
    intake.close()
    broker.close()
    log.close()
    assert metrics.samples()[_ACCEPTED] == own
    return cost


def bare(gate: StartGate, port: int, root: str, count: int) -> ResourceUsage:
    """paho as its manual has it: a callback that counts."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, f"bare-{root}", protocol=mqtt.MQTTv311)
    seen, subscribed = 0, False

    def on_subscribe(*_: object) -> None:
        nonlocal subscribed
        subscribed = True

    def on_message(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            client.disconnect()

    client.on_subscribe, client.on_message = on_subscribe, on_message
    client.connect("127.0.0.1", port)
    client.subscribe(f"{root}/+/+/readings", qos=1)
    while not subscribed:
        client.loop()
    gate.ready()
    meter = UsageMeter()
    client.loop_forever()
    return meter.cost(seen)


def _stored(log_url: str) -> int:
    """How many readings are in the log."""
    log = open_log(log_url, SystemClock(), "LOG")
    with closing(log):
        return sum(len(batch) for partition in log.partitions(READINGS) for batch in log.scan(partition))


class Receiver(Protocol):
    """What a flood is sent to."""

    def go(self) -> None: ...
    def result(self) -> ResourceUsage: ...


def flood(receiver: Receiver, port: int, root: str, readings: int) -> ResourceUsage:
    """Let the receiver go and send it everything at once."""
    some = packets(DEVICES, readings // DEVICES, SystemClock().now(), root)
    with closing(Publisher(port)) as publisher:
        receiver.go()
        publisher.send(some)
        publisher.settle(len(some))
        return receiver.result()


class Bridges:
    """A bridge process for each share."""

    def __init__(self, mosquitto: Mosquitto, kafka: Kafka, root: str, readings: int, shares: int) -> None:
        self._log_url = f"{kafka.url}?prefix={root}-"
        self._readings = readings
        self._jobs = [
            SubprocessJob(bridge, mosquitto.url, self._log_url, root, readings, number, shares)
            for number in range(shares)
        ]

    def go(self) -> None:
        for job in self._jobs:
            job.go()

    def result(self) -> ResourceUsage:
        """What all of them took together, until the last one was ready."""
        costs = [job.result() for job in self._jobs]
        stored = _stored(self._log_url)
        assert stored == self._readings, f"{stored} of {self._readings} readings are in the log"
        return ResourceUsage(
            self._readings, max(cost.seconds for cost in costs), sum(cost.cpu for cost in costs),
            sum(cost.memory for cost in costs),
        )  # fmt: skip


def run(readings: int = 100_000, rounds: int = 3) -> list[BenchmarkResult]:
    with running(MosquittoWithoutAutosave) as mosquitto, running(Kafka) as kafka:

        def ours(i: int) -> ResourceUsage:
            return flood(Bridges(mosquitto, kafka, f"ours{i}", readings, 1), mosquitto.port, f"ours{i}", readings)

        def theirs(i: int) -> ResourceUsage:
            return flood(
                SubprocessJob(bare, mosquitto.port, f"bare{i}", readings), mosquitto.port, f"bare{i}", readings
            )

        return [compare("bridge, Mosquitto to Kafka", 0.5, ours, "a bare paho receiver", theirs, rounds)]


def run_beside_telegraf(readings: int = 100_000, rounds: int = 3) -> list[BenchmarkResult]:
    program()
    with running(MosquittoWithoutAutosave) as mosquitto, running(Kafka) as kafka:

        def ours(shares: int, i: int) -> ResourceUsage:
            root = f"ours{shares}-{i}"
            return flood(Bridges(mosquitto, kafka, root, readings, shares), mosquitto.port, root, readings)

        def theirs(shares: int, i: int) -> ResourceUsage:
            root = f"telegraf{shares}-{i}"
            with telegraf(mosquitto.port, f"127.0.0.1:{kafka.port}", root, readings) as receiver:
                return flood(receiver, mosquitto.port, root, readings)

        return [
            compare(name, 1.2, partial(ours, shares), "Telegraf", partial(theirs, shares), rounds)
            for shares, name in ((2, "two bridge processes"), (1, "one bridge process"))
        ]


if __name__ == "__main__":
    print_results(run())
    print_results(run_beside_telegraf())
