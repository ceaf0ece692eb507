"""From the publishing of a reading until its alarm is handed to the channel, at a thousand devices once a second.

    python -m benchmarks.latency

Alarms are part of the load, each on a device and a bed of its own. The time runs from just before the packet is
written to the socket until the notifier of the channel is called, in its sender process, with the message: through
broker, bridge, log (durable), detectors, log, the alerts' state file (durable), the outbox and the pipe to the sender.
The embedded ward is one process, with the gate before its broker; on Mosquitto and Kafka bridge, detectors and alerts
are a process each, and the archive writes to InfluxDB beside them.
"""

import re
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from threading import Thread

import numpy as np

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from benchmarks.external_engines import running
from benchmarks.load import PacedLoad
from benchmarks.resource_usage import ResourceUsage, UsageMeter
from benchmarks.result import BenchmarkResult
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.system import BenchmarkSystem, EmbeddedBroker
from benchmarks.tables import print_results
from benchmarks.ward_config import full_config
from tests.engines.engine import free_port
from tests.engines.influx import Influx
from tests.engines.kafka import Kafka
from tests.engines.mosquitto import Mosquitto

DEVICES, RATE = 1000, 1.0
BACKLOG = 2000.0  # readings a second of one device, as when it was away
WARM_UP = 8.0
ALL = ("intake", "archive", "detectors", "alerts", "senders")
_BED = re.compile(r"bed dev-(\d+)\b")


class Stamp:
    """A channel that notes when it was handed what."""

    recipients = ("file",)

    def __init__(self, path: Path, channel: str, number: int, url: str) -> None:
        self._path = path

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        at = time.monotonic_ns()
        with self._path.open("a") as file:
            file.write(f"{at} {message.subject}\n")
        return ((name, DeliveryResult(Outcome.DELIVERED)) for name in recipients)

    def close(self) -> None: ...


def program(
    gate: StartGate,
    folder: Path,
    parts: Sequence[str],
    devices: int,
    broker: str,
    log: str,
    store: str,
    port: int = 0,
) -> ResourceUsage:
    """Run some parts in one process, with a gate before the broker at `port`. Its usage counts between the first and
    the second `go`, which ends it."""
    make = partial(Stamp, folder / "notified")
    used = store if "archive" in parts else ""
    system = BenchmarkSystem(
        full_config(devices), folder, broker=broker, log=log, store=used, make=make, parts=parts, gate=port
    )
    while "intake" in parts and not system.up:
        time.sleep(0.05)
    time.sleep(1)
    gate.ready()
    meter, before = UsageMeter(), system.number("bridge_readings_accepted_total")
    while not gate.asked():
        time.sleep(0.05)
    cost = meter.cost(max(1, round(system.number("bridge_readings_accepted_total") - before)))
    system.close()
    return cost


def measured(
    folder: Path, jobs: Sequence[SubprocessJob[ResourceUsage]], port: int, alarms: int, seconds: float,
    backlog: float = 0.0,
) -> list[float]:  # fmt: skip
    """Milliseconds from each alarm to its notification, while one more device delivers `backlog` readings a second.
    Raises `AssertionError` when one was not notified."""
    load = PacedLoad(port, DEVICES, RATE)
    load.run(WARM_UP)
    for job in jobs:
        job.go()
    beside = PacedLoad(port, 1, backlog, first=DEVICES)
    thread = Thread(target=beside.run, args=(seconds,))
    thread.start()
    load.run(seconds, alarms)
    thread.join()
    load.run(2.0)
    load.close()
    beside.close(settle=False)  # it may have more to send than the gate has read
    for job in jobs:
        job.go()
        job.result()
    handed: dict[int, int] = {}
    for line in (folder / "notified").read_text().splitlines():
        at, _, subject = line.partition(" ")
        if found := _BED.search(subject):
            handed.setdefault(int(found[1]), int(at))
    missing = load.alarms.keys() - handed.keys()
    assert not missing, f"{len(missing)} of {len(load.alarms)} alarms were not notified"
    return [(handed[device] - at) / 1e6 for device, at in load.alarms.items()]


def figure(name: str, wanted: float, took: Sequence[float]) -> BenchmarkResult:
    middle, high = np.quantile(took, (0.5, 0.99))
    return BenchmarkResult(
        name=f"{name}: p99 (p50–worst) of {len(took)} alarms", value=float(high), wanted=wanted, unit="ms", less=True,
        each=(float(middle), max(took)),
    )  # fmt: skip


@contextmanager
def folder_of() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def embedded(alarms: int, seconds: float, backlog: float = 0.0) -> list[float]:
    with folder_of() as folder:
        broker, port = EmbeddedBroker(), free_port()
        log, store = f"sqlite:{folder}/log.db", f"sqlite:{folder}/store.db"
        job = SubprocessJob(program, folder, ALL, DEVICES, broker.url, log, store, port)
        took = measured(folder, [job], port, alarms, seconds, backlog)
        broker.close()
    return took


def engines(alarms: int, seconds: float) -> list[float]:
    with running(Mosquitto) as mosquitto, running(Kafka) as kafka, running(Influx) as influx, folder_of() as folder:
        influx.create("ward")
        store = f"influx://127.0.0.1:{influx.port}?bucket=ward&version=1"
        jobs = [
            SubprocessJob(program, folder, parts, DEVICES, mosquitto.url, kafka.url, store)
            for parts in (("intake", "archive"), ("detectors",), ("alerts", "senders"))
        ]
        return measured(folder, jobs, mosquitto.port, alarms, seconds)


def beside_backlog(alarms: int, seconds: float, rounds: int = 3) -> BenchmarkResult:
    """The p99 beside the backlog of one device against the p99 without it, in turn."""
    pairs = [(embedded(alarms, seconds), embedded(alarms, seconds, BACKLOG)) for _ in range(rounds)]
    ratios = [float(np.quantile(beside, 0.99) / np.quantile(quiet, 0.99)) for quiet, beside in pairs]
    return BenchmarkResult(
        name=f"the same embedded, p99 beside a device that sends {BACKLOG:,.0f} readings/s: times as long",
        value=median(ratios), wanted=1.1, less=True, each=ratios,
    )  # fmt: skip


def run(alarms: int = 100, seconds: float = 20.0) -> list[BenchmarkResult]:
    return [
        figure("alarm to notification, embedded", 100, embedded(alarms, seconds)),
        figure("alarm to notification, Mosquitto and Kafka", 250, engines(alarms, seconds)),
        beside_backlog(alarms, seconds),
    ]


if __name__ == "__main__":
    print_results(run())
