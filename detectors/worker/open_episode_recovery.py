"""Episodes in the log that no row knows of, after state was lost."""

from collections.abc import Iterable, Iterator

from detectors.base.detector import Detector
from detectors.engine.devices import Device
from detectors.engine.engine import Engine
from detectors.engine.rule_assignment import ForcedEnd, slots
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.waves.wave_builder import DOUBT
from ward.clock import SECOND, Micros
from ward.finding import Edge, End, Finding
from ward.ports import Log, Partition
from ward.topics import FINDINGS
from ward.wire import FINDING

_LOST = "judged afresh, what was known of it is lost"


class OpenEpisodeRecovery:
    """Episodes that are open in the log, while no row may know of them.

    A state that could not be read had them, or a time passed that does not pass again in the same way.
    Once all that was in the log has been judged and as much time has passed, whatever no row has told since is
    adopted by its row, which goes on to judge it; where there is no row, or it is about another episode, it ends.
    """

    def __init__(self, log: Log, number: int) -> None:
        self._open: dict[str, Finding] = {}
        for batch in log.scan(Partition(FINDINGS, number)):
            for finding in FINDING.decode_many(batch.values):
                if isinstance(finding, Finding) and finding.detector in Detector.registry:
                    self._open[finding.episode] = finding
                    self.told([finding])

    def told(self, findings: Iterable[Finding]) -> None:
        """What we have told since: an episode that has ended is no orphan."""
        for finding in findings:
            if finding.edge is Edge.CLEARED:
                self._open.pop(finding.episode, None)

    @property
    def newest(self) -> Micros:
        """When the newest of them was told: time must have passed as far again."""
        return max((finding.seen for finding in self._open.values()), default=0)

    def settle(self, engine: Engine) -> list[Finding]:
        """Find a row for each."""
        endings = []
        for finding in self._open.values():
            device = engine.devices.by_name.get(finding.device)
            found = [] if device is None else list(_rows(device, finding))
            if any((told := bank.row(slot).told) and told.episode == finding.episode for bank, slot in found):
                continue
            if device is not None and found and found[0][0].row(found[0][1]).told is None:
                bank, slot = found[0]
                bank.adopt(slot, finding, finding.onset / SECOND)
                engine.passing.follow(device, bank, slot)
                engine.passing.wake(device.number)
            else:
                endings.append(finding)
        self._open.clear()
        return engine.end(ForcedEnd(finding, End.RULE_CHANGED, finding.seen, _LOST) for finding in endings)


def _rows(device: Device, finding: Finding) -> Iterator[tuple[DetectorTable, int]]:
    for bank, slot in slots(device):
        row = bank.row(slot)
        if row.rule.name == finding.rule and row.signal.lstrip(DOUBT) == finding.signal:
            yield bank, slot
