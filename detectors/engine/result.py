"""What came of one call of the engine."""

from dataclasses import dataclass, field

from detectors.engine.bed_forward import ForBed
from detectors.engine.devices import DeviceState
from ward.clock import Micros
from ward.finding import Finding


@dataclass(slots=True)
class EngineResult:
    """Findings in their order, and what the caller must count, save and report.

    `changed` are devices whose state changed other than by a reading. `out_of_order` is the number of values that were
    older than one evaluated before, `too_large` of those too large to calculate with. `failures` are what detectors
    raised, by the name of the detector. `first_readings` are the devices of a batch, each with the index of its first
    reading; `received_at` is when the bridge received the first reading of all. `bed_readings` are to be evaluated for
    patients and beds.
    """

    findings: list[Finding] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    out_of_order: int = 0
    too_large: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)
    first_readings: list[tuple[DeviceState, int]] = field(default_factory=list)
    received_at: Micros | None = None
    bed_readings: list[ForBed] = field(default_factory=list)
