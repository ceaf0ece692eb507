"""Episodes that are open in the log, but not in the restored state."""

from collections.abc import Collection, Iterable, Iterator

from detectors.base.derived_signals import signal_of
from detectors.base.detector import Detector
from detectors.engine.devices import DeviceState, series_of
from detectors.engine.engine import Engine
from detectors.engine.rule_assignment import ForcedEnd
from detectors.engine.tables.detector_table import DetectorTable
from ward.clock import SECOND, Micros
from ward.finding import EndReason, Finding, Kind, Transition
from ward.ports import Log, Partition
from ward.text_template import TextKind, TextTemplate
from ward.topics import FINDINGS
from ward.wire import FINDING_WIRE

_STATE_LOST = TextTemplate(TextKind.CLOSING, "State of the detector lost, it starts again")


class OpenEpisodeRecovery:
    """The open episodes of one partition of the log, for which there may be no row: their state could not be read, or
    they were raised by a tick that a replay does not repeat at the same instant. With `beds` those of the stage of
    patients, beds and cohorts, else those of the stage of devices.

    When all that is in the log has been evaluated and as much time has passed, each episode that no row has is given
    to its row, which goes on to evaluate it. Where there is no such row, or it has another episode, the episode ends.
    """

    def __init__(self, log: Log, number: int, beds: bool = False) -> None:
        self._open: dict[str, Finding] = {}
        for batch in log.scan(Partition(FINDINGS, number)):
            for finding in FINDING_WIRE.decode_many(batch.values):
                if isinstance(finding, Finding) and finding.detector in Detector.registry and is_of(finding, beds):
                    self._open[finding.episode] = finding
                    self.note([finding])

    def note(self, findings: Iterable[Finding]) -> None:
        """Findings that were sent since: an episode that ended needs no row."""
        for finding in findings:
            if finding.transition is Transition.CLEARED:
                self._open.pop(finding.episode, None)

    @property
    def newest(self) -> Micros:
        """When the bridge received the reading of the newest of them: the watermark must be past it before
        `reattach`."""
        return max((finding.received_at for finding in self._open.values()), default=0)

    @property
    def done(self) -> bool:
        """Whether none is left."""
        return not self._open

    def reattach(self, engine: Engine, behind: Collection[str] = ()) -> list[Finding]:
        """Give each open episode to its row, except for devices that are behind. Returns the findings of those that
        end."""
        to_end = []
        rules = {rule.name for rule in engine.rules.config.rules}
        ready = [finding for finding in self._open.values() if finding.about not in behind]
        for finding in ready:
            del self._open[finding.episode]
            device = engine.devices.by_name.get(finding.about)
            if device is None and finding.kind is Kind.PHYSIOLOGICAL and finding.rule in rules:
                continue  # one of too many unregistered devices, forgotten: that ends no episode of a patient
            found = [] if device is None else list(_rows(device, finding))
            lasts = [table.row(slot).last_finding for table, slot in found]
            if any(last and last.episode == finding.episode for last in lasts):
                continue
            if device is not None and found and lasts[0] is None:
                table, slot = found[0]
                table.continue_episode(slot, finding, finding.onset / SECOND)
                engine.time.note_open(device, table, slot)
                engine.time.schedule(device.number)
            else:
                to_end.append(_end(finding, other_episode=bool(found)))
        return engine.end_episodes(to_end)


def is_of(finding: Finding, beds: bool) -> bool:
    """Whether a finding is of the stage of beds and cohorts, or else of that of devices."""
    return bool(finding.subject) is beds


def _end(finding: Finding, *, other_episode: bool) -> ForcedEnd:
    """Its row has another episode by now, or there is no rule about its series any more."""
    if other_episode:
        return ForcedEnd(finding, EndReason.SUPERSEDED, finding.received_at, _STATE_LOST())
    return ForcedEnd(finding, EndReason.REMOVED, finding.received_at)


def _rows(device: DeviceState, finding: Finding) -> Iterator[tuple[DetectorTable, int]]:
    for table, slot in device.slots():
        row = table.row(slot)
        if row.rule.name == finding.rule and signal_of(row.signal) == series_of(finding, device):
            yield table, slot
