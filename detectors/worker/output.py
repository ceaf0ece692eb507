"""What a worker sends: findings, and values for the rules about beds."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from detectors.engine.bed_forward import ForBed
from detectors.worker.checkpoint import Checkpoint
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Log
from ward.topics import BED_READINGS, FINDINGS
from ward.wire import FINDING_WIRE, READING_WIRE


class Output:
    """Sends to the log; the state of the devices that it is about waits until it is durable."""

    def __init__(self, log: Log, checkpoint: Checkpoint, metrics: Metrics) -> None:
        self._log = log
        self._checkpoint = checkpoint
        self._metrics = metrics

    def send(self, findings: Sequence[Finding]) -> None:
        """Send findings, and count them."""
        if not findings:
            return
        for finding in findings:
            self._metrics.findings.labels(finding.rule, finding.transition).inc()
        records = [(finding.about, FINDING_WIRE.encode(finding)) for finding in findings]
        self._checkpoint.findings_sent(self._log.send(FINDINGS, records), {about for about, _ in records})

    def forward(self, found: Sequence[ForBed], offset: Callable[[int], int]) -> None:
        """Send what rules about beds need. `offset` returns the offset of a reading of the batch: it is the number by
        which one that is sent again after a crash is recognized."""
        if found:
            numbered = [replace(one.reading, seq=offset(one.origin)) for one in found]
            receipt = self._log.send(BED_READINGS, [(one.device, READING_WIRE.encode(one)) for one in numbered])
            self._checkpoint.findings_sent(receipt, {one.device for one in found})
