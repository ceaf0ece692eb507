"""From a row whose level changed to a finding that explains itself."""

from msgspec.structs import replace

from detectors.base.detector import Detector, Evidence, Explanation
from detectors.engine.devices import Device
from detectors.engine.rule_assignment import ForcedEnd
from detectors.engine.tables.detector_table import LevelChange
from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Severity
from ward.ids import digest

_WHY = {
    End.SIGNAL_LOST: "no value any more",
    End.RULE_CHANGED: "the rule was changed",
    End.DISCHARGED: "the patient is not here any more",
}


class FindingBuilder:
    """Knows the words: signals, places, and the hash of the config that ruled."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.failures: dict[str, Exception] = {}

    def tell(self, move: LevelChange, device: Device, seen: Micros) -> Finding:
        """The finding of a move."""
        row, at, onset = move.row, round(move.t * SECOND), round(move.onset * SECOND)
        place = self._config.inventory.place(row.device, at, device.ward, device.device_kind)
        level = move.after or move.before
        verdict = self._verdict(move)
        if row.told:  # the bridge's clock may have been set back; what comes later is told later all the same
            seen = max(seen, row.told.seen)
        return Finding(
            episode=row.told.episode if row.told else digest(row.rule.name, row.device, row.signal, onset),
            edge=_edge(move), rule=row.rule.name, detector=row.rule.detector, kind=row.rule.kind,
            severity=Severity.of_rank(level), onset=onset, at=at, seen=seen, text=verdict.text,
            device=row.device, signal=_plain(row.signal), ward=place.ward, bed=place.bed, patient=place.patient,
            value=verdict.value, limit=verdict.limit, ended=None if move.after else End.RECOVERED,
            config=self._config.hash, runbook=row.rule.runbook,
        )  # fmt: skip

    def end(self, ending: ForcedEnd) -> Finding:
        """The last finding of an episode that ended for another reason than its values. It belongs to the
        place and the patient it was raised for."""
        return replace(
            ending.told, edge=Edge.CLEARED, at=ending.at, seen=max(ending.at, ending.told.seen), ended=ending.reason,
            text=f"{ending.why or _WHY[ending.reason]}; last: {ending.told.text}", config=self._config.hash,
        )  # fmt: skip

    def _verdict(self, move: LevelChange) -> Explanation:
        row, rose = move.row, move.after > move.before
        detector = Detector.registry[row.rule.detector]()
        case = Evidence(
            params=row.resolved.params, signal=self._config.catalogue.known(_plain(row.signal)),
            level=max(move.after, move.before), x=move.x, score=move.score, state=move.state,
            decision=row.resolved.decision, pulse=move.pulse,
        )  # fmt: skip
        try:
            verdict = detector.explain(case) if rose else detector.relief(case)
        except Exception as failure:  # noqa: BLE001 - it is reported, and a finding without fine words is still one
            self.failures[row.rule.detector] = failure
            verdict = Explanation(None, None, row.rule.label or row.rule.name)
        held = max(0.0, move.t - move.since)
        text = f"{verdict.text} for {format_span(held)}" if held >= 1 and verdict.timed else verdict.text
        if move.after and not rose:
            text = f"{text}, still {Severity.of_rank(move.after)}"
        return Explanation(verdict.value, verdict.limit, text)


def _plain(signal: str) -> str:
    """The signal a series is about: doubts about one are about that one."""
    return signal.lstrip("?")


def _edge(move: LevelChange) -> Edge:
    if move.before == 0:
        return Edge.RAISED
    return Edge.CHANGED if move.after else Edge.CLEARED
