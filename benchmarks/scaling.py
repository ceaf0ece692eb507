"""What the embedded ward takes at 100, 1,000 and 10,000 devices, each at the pace of a bedside monitor.

    python -m benchmarks.scaling

All parts but the screen in one process, 24 rules on six signals of each device, one reading each 2.5 s. The slope is
what a thousand devices more cost, between the smallest and the largest ward.
"""

from dataclasses import dataclass

from benchmarks.latency import ALL, folder_of, program
from benchmarks.load import PacedLoad
from benchmarks.resource_usage import ResourceUsage
from benchmarks.subprocess_job import SubprocessJob
from benchmarks.system import EmbeddedBroker
from benchmarks.tables import print_grid
from benchmarks.ward_config import PERIOD

SIZES = (100, 1000, 10_000)
HEAD = ("devices", "readings/s asked", "readings/s", "CPU, cores", "CPU-s/M", "MB at peak")


@dataclass(frozen=True, slots=True)
class ScalingMeasurement:
    """A ward of `devices`, and what it took."""

    devices: int
    cost: ResourceUsage

    @property
    def cores(self) -> float:
        """CPU-seconds a second."""
        return self.cost.cpu / self.cost.seconds


def ward(devices: int, seconds: float) -> ScalingMeasurement:
    """One ward: first everybody speaks a few times, then it is measured."""
    with folder_of() as folder:
        broker = EmbeddedBroker()
        log, store = f"sqlite:{folder}/log.db", f"sqlite:{folder}/store.db"
        job = SubprocessJob(program, folder, ALL, devices, broker.url, log, store)
        load = PacedLoad(broker.port, devices, 1 / PERIOD)
        load.run(3 * PERIOD)
        job.go()
        load.run(seconds)
        job.go()
        cost = job.result()
        load.close()
        broker.close()
    return ScalingMeasurement(devices, cost)


def run(seconds: float = 10.0) -> list[tuple[str, ...]]:
    wards = [ward(devices, seconds) for devices in SIZES]
    rows = [
        (
            f"{w.devices:,}", f"{w.devices / PERIOD:,.0f}", f"{w.cost.rate:,.0f}", f"{w.cores:.2f}",
            f"{w.cost.cpu_a_million:,.0f}", f"{w.cost.memory:,.0f}",
        )
        for w in wards
    ]  # fmt: skip
    few, many = wards[0], wards[-1]
    thousands = (many.devices - few.devices) / 1000
    cores, memory = (many.cores - few.cores) / thousands, (many.cost.memory - few.cost.memory) / thousands
    return [*rows, ("each 1,000 more", f"{1000 / PERIOD:,.0f}", "", f"{cores:.2f}", "", f"{memory:,.1f}")]


if __name__ == "__main__":
    print_grid("", HEAD, run())
