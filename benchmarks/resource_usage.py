"""What a job took: time, CPU and memory of the process it ran in."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path

MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """`readings` in `seconds` of wall-clock time, `cpu` seconds of all threads; `memory` is the peak in MB."""

    readings: int
    seconds: float
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds

    @property
    def cpu_a_million(self) -> float:
        """CPU-seconds a million readings."""
        return self.cpu / self.readings * MEGA


class UsageMeter:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def cost(self, readings: int) -> ResourceUsage:
        """What has passed since."""
        return ResourceUsage(
            readings, time.perf_counter() - self._wall, time.process_time() - self._cpu, memory("VmHWM")
        )


def memory(what: str) -> float:
    """MB of this process: `VmHWM` at its peak, `VmRSS` now; where there is no /proc, the peak."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == what:
                return int(value.split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
