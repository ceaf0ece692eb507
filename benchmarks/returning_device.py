"""Alarms of other beds while one monitor, back after 72 hours, delivers what it kept, with the shipped rules.

    python -m benchmarks.returning_device

An embedded ward of 60 beds in one process, with the gate before its broker; each device has a reading every 2.5 s. One
bed after the other gets a fast heart that lasts. The time runs from just before the first such reading is written to
the socket until the channel is handed the message; it includes the 10 s for which the shipped rule waits. Once alone,
and once while one more monitor delivers 103,680 readings, 5,760 a second or as fast as it may, as devices are asked to
do.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event, Thread

import numpy as np

from app.console.cli_context import config_of
from benchmarks.device_past import DAYS, PERIOD, past
from benchmarks.latency import ALL, Stamp, folder_of
from benchmarks.messages import payload, publish
from benchmarks.publisher import Publisher
from benchmarks.result import BenchmarkResult
from benchmarks.subprocess_job import StartGate, SubprocessJob
from benchmarks.system import BenchmarkSystem, EmbeddedBroker
from benchmarks.tables import print_results
from benchmarks.ward_config import WARD, beds, make_config, names
from tests.engines.engine import free_port
from ward.clock import SECOND, SystemClock
from ward.config.config import Config
from ward.inventory import Inventory

BEDS, ALARMS = 60, 40
KIND = "bedside_monitor"
# A normal bed, and one with a fast heart: above the limit for HIGH.
CALM = {"heart_rate": 74.0, "systolic_bp": 120.0, "diastolic_bp": 76.0, "spo2": 97.0, "temperature": 36.8,
        "respiratory_rate": 15.0}  # fmt: skip
FAST = {**CALM, "heart_rate": 165.0}
WARM_UP, DELIVERED_IN = 6.0, 18.0
HELD, GRACE = 10.0, 10.0  # seconds: how long the rule waits, and how much later a message may come
TICK, AT_ONCE = 0.005, 256
_BED = re.compile(r"bed dev-(\d+)\b")


def ward_config() -> Config:
    """The shipped rules for a ward of these beds, and one channel that is notified at once."""
    shipped = config_of(None, SystemClock().now())
    ward = beds(names(BEDS + 1))
    inventory = Inventory(
        wards=ward.wards.values(), beds=ward.beds.values(), device_kinds=shipped.inventory.device_kinds.values(),
        devices=[replace(device, device_kind=KIND) for device in ward.devices.values()],
    )  # fmt: skip
    return replace(shipped, inventory=inventory, alerting=make_config().alerting, codecs=make_config().codecs)


def ward(gate: StartGate, folder: Path, broker: str, port: int) -> float:
    """The whole ward, until the second `go`. Returns how many readings were evaluated."""
    system = BenchmarkSystem(
        ward_config(), folder, broker=broker, log=f"sqlite:{folder}/log.db", store=f"sqlite:{folder}/store.db",
        make=partial(Stamp, folder / "notified"), parts=ALL, gate=port,
    )  # fmt: skip
    while not system.up:
        time.sleep(0.05)
    gate.ready()
    while not gate.asked():
        time.sleep(0.05)
    evaluated = system.number("detectors_readings_evaluated_total")
    system.close()
    return evaluated


class Beds:
    """Devices with a reading every `PERIOD` seconds; from an onset on, a bed has a fast heart."""

    def __init__(self, port: int) -> None:
        self._publisher = Publisher(port, "bench-beds")
        self._clock = SystemClock()
        self._ahead = self._clock.now() / SECOND - time.monotonic()
        self._due = {bed: time.monotonic() + bed * PERIOD / BEDS for bed in range(BEDS)}
        self._seq = {bed: count() for bed in range(BEDS)}
        self.sent = 0
        self.onsets: dict[int, float] = {}

    def run(self, seconds: float, alarms: int = 0) -> None:
        """Publish for some seconds, with so many onsets, evenly spaced."""
        begin = time.monotonic()
        while (now := time.monotonic()) < begin + seconds:
            planned = int((now - begin) / seconds * alarms) + 1 if alarms else 0
            self._publisher.send([self._reading(bed, now, planned) for bed in self._due if self._due[bed] <= now])
            time.sleep(TICK)

    def close(self) -> None:
        self._publisher.close()

    def _reading(self, bed: int, now: float, planned: int) -> bytes:
        at = round(
            (self._due[bed] + self._ahead) * SECOND
        )  # measured when it was due, though it is sent a little later
        self._due[bed] += PERIOD
        self.sent += 1
        if len(self.onsets) < planned:
            self.onsets.setdefault(bed, now)
        values = FAST if bed in self.onsets else CALM
        sent = payload("k3f9", next(self._seq[bed]), at, values)
        return publish(f"ward/{WARD}/dev-{bed}/readings", self.sent, sent)


def deliver(port: int, packets: Sequence[bytes], ended: Event) -> None:
    """Publish evenly for `DELIVERED_IN` seconds, or longer where it may not be so fast, until it has `ended`."""
    publisher, begin, done = Publisher(port, "bench-returning"), time.monotonic(), 0
    while done < len(packets) and not ended.is_set():
        due = min(round((time.monotonic() - begin) / DELIVERED_IN * len(packets)), done + AT_ONCE)
        publisher.send(packets[done:due])
        done = max(done, min(due, len(packets)))
        time.sleep(TICK)


def backlog(readings: int) -> list[bytes]:
    name = names(BEDS + 1)[-1]
    return [
        publish(f"ward/{WARD}/{name}/readings", i, payload("m1d2", i, reading.at, dict(reading.values)))
        for i, reading in enumerate(past(name, readings, SystemClock().now() - SECOND))
    ]


def seconds_to_notification(readings: int, alarms: int, seconds: float) -> tuple[list[float], int]:
    """From each of the onsets in so many seconds to its notification, while one monitor delivers readings; and how many
    of these were evaluated meanwhile."""
    with folder_of() as folder:
        broker, port = EmbeddedBroker(), free_port()
        job = SubprocessJob(ward, folder, broker.url, port)
        job.go()
        others, packets = Beds(port), backlog(readings)
        others.run(WARM_UP)
        returning = Thread(target=deliver, args=(port, packets, ended := Event()), daemon=True)
        returning.start()
        others.run(seconds, alarms)
        others.run(HELD + GRACE)
        ended.set()
        returning.join()
        evaluated = round(job.finish()) - others.sent
        lines = (folder / "notified").read_text().splitlines()
        others.close()
        broker.close()
    handed: dict[int, float] = {}
    for line in lines:
        at, _, subject = line.partition(" ")
        if "HIGH" in subject and (found := _BED.search(subject)):
            handed.setdefault(int(found[1]), int(at) / 1e9)
    missing = others.onsets.keys() - handed.keys()
    assert not missing, f"{len(missing)} of {len(others.onsets)} alarms were not notified"
    return [handed[bed] - onset for bed, onset in others.onsets.items()], evaluated


def run(
    readings: int = round(DAYS * 86_400 / PERIOD), rounds: int = 3, alarms: int = ALARMS, seconds: float = DELIVERED_IN
) -> list[BenchmarkResult]:
    pairs = [[seconds_to_notification(some, alarms, seconds) for some in (0, readings)] for _ in range(rounds)]
    quiet, beside = ([float(np.quantile(took, 0.99)) for took, _ in part] for part in zip(*pairs, strict=True))
    evaluated = median([count for _, (_, count) in pairs])
    ratios = [late / alone for alone, late in zip(quiet, beside, strict=True)]
    return [
        BenchmarkResult(
            name=f"embedded, shipped rules, {alarms} alarms, p99 from onset to notification: {median(quiet):.2f} s "
            f"alone, {median(beside):.2f} s beside a monitor of whose {readings:,} readings {evaluated:,.0f} came",
            value=median(ratios), wanted=1.1, less=True, each=ratios,
        )
    ]  # fmt: skip


if __name__ == "__main__":
    print_results(run())
