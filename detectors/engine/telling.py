"""From a row whose level changed to a finding that explains itself."""

from detectors.engine.bank import Move
from detectors.engine.base import Detector
from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Severity
from ward.ids import digest


class Teller:
    """Knows the words: signals, places, and the hash of the config that ruled."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def tell(self, move: Move, seen: Micros, ward: str, kind: str, ended: End = End.RECOVERED) -> Finding:
        """The finding of a move. `ward` and `kind` are what a device that nobody configured said of itself."""
        row, at, onset = move.row, round(move.t * SECOND), round(move.onset * SECOND)
        place = self._config.inventory.place(row.device, at, ward, kind)
        level = max(move.after, 1) if move.after else move.before
        verdict = Detector.registry[row.rule.detector]().explain(
            row.resolved.params, self._config.catalogue.known(row.signal), move.after, move.score, move.state, move.x
        )
        held = max(0.0, move.t - move.since)
        return Finding(
            episode=digest(row.rule.name, row.device, row.signal, onset),
            edge=_edge(move), rule=row.rule.name, detector=row.rule.detector, kind=row.rule.kind,
            severity=Severity.of_rank(level), onset=onset, at=at, seen=seen,
            text=f"{verdict.text} for {format_span(held)}" if held >= 1 and move.after > move.before else verdict.text,
            device=row.device, signal=row.signal, ward=place.ward, bed=place.bed, patient=place.patient,
            value=verdict.value, limit=verdict.limit, ended=None if move.after else ended,
            config=self._config.hash, runbook=row.rule.runbook,
        )  # fmt: skip


def _edge(move: Move) -> Edge:
    if move.before == 0:
        return Edge.RAISED
    return Edge.CHANGED if move.after else Edge.CLEARED
