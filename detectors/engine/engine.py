"""The engine: readings in, findings out. It is told the time, does no input or output, and forgets nothing
that a checkpoint does not keep."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from detectors.engine.bank import Bank, Move, Row
from detectors.engine.base import Detector
from detectors.engine.columns import DOUBT, SeriesTable, Wave, waves
from detectors.engine.telling import Teller
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding
from ward.reading import Reading


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a batch: findings in order, and how many values came too late to be judged."""

    findings: list[Finding]
    late: int


class Engine:
    """All banks, and the series they watch."""

    def __init__(self, config: Config) -> None:
        self.series = SeriesTable()
        self.banks: dict[str, Bank] = {}
        self.config = config
        self._teller = Teller(config)
        self._watched = 0
        self._kinds: dict[str, tuple[str, str]] = {}

    def judge(self, readings: Sequence[Reading]) -> Judged:
        """Take readings in the order of the log."""
        for reading in readings:
            if reading.device not in self._kinds:
                self._kinds[reading.device] = (reading.ward, reading.kind)
        findings: list[Finding] = []
        late = 0
        for wave in waves(readings, self.series):
            fresh = self._fresh(wave, readings)
            late += len(wave.series) - len(fresh.series)
            self._watch_new(readings)
            for bank in self.banks.values():
                if bank.detector.feed != "silence":
                    findings += self._tell(bank.judge(fresh.series, fresh.x, fresh.t, fresh.origin), readings)
        return Judged(findings, late)

    def tick(self, now: Micros) -> list[Finding]:
        """Let time pass for the detectors that mind it. Only right when all that was sent has been judged."""
        at = now / SECOND
        age = at - self.series.heard
        findings: list[Finding] = []
        for bank in self.banks.values():
            if bank.detector.ticks:
                moves = bank.tick(at, age, age[self.series.device])
                findings += self._tell(moves, ())
        return findings

    def _fresh(self, wave: Wave, readings: Sequence[Reading]) -> Wave:
        """The wave without values older than one judged before; the others are the newest now."""
        series, last = wave.series, self.series.last
        fresh = wave.t > last[series]
        if not fresh.all():
            wave = Wave(series[fresh], wave.x[fresh], wave.t[fresh], wave.origin[fresh])
        last[wave.series] = wave.t
        seen = np.array([readings[i].seen for i in wave.origin]) / SECOND
        self.series.heard[wave.series] = seen
        self.series.heard[self.series.device[wave.series]] = seen
        return wave

    def _watch_new(self, readings: Sequence[Reading]) -> None:
        """Rows for series that have just appeared."""
        while self._watched < len(self.series.names):
            device, signal = self.series.names[self._watched]
            self.watch(device, signal, readings[-1].at)
            self._watched += 1

    def watch(self, device: str, signal: str, at: Micros) -> None:
        """Rows for one series, by all rules that want it."""
        for rule in self.config.rules:
            if signal in self._wanted(rule):
                self._add(rule, device, signal, at)

    def _wanted(self, rule: Rule) -> Iterable[str]:
        feed = Detector.registry[rule.detector].feed
        return [f"{DOUBT}{name}" for name in rule.signals] if feed == "doubts" else rule.signals

    def _add(self, rule: Rule, device: str, signal: str, at: Micros) -> None:
        ward, kind = self._kinds.get(device, ("", ""))
        resolved = rule.resolve(device, self.config.inventory.place(device, at, ward, kind))
        if resolved is None:
            return
        bank = self.banks.get(rule.detector)
        if bank is None:
            bank = self.banks[rule.detector] = Bank(Detector.registry[rule.detector]())
        bank.add(Row(rule, resolved, device, signal.removeprefix(DOUBT), self.series.index(device, signal)))

    def _tell(self, moves: Iterator[Move], readings: Sequence[Reading]) -> Iterator[Finding]:
        for move in moves:
            seen = readings[move.origin].seen if move.origin >= 0 else round(move.t * SECOND)
            ward, kind = self._kinds.get(move.row.device, ("", ""))
            yield self._teller.tell(move, seen, ward, kind)


def all_rows(banks: Iterable[Bank]) -> Iterator[Row]:
    """Every row of some banks."""
    return (row for row in chain.from_iterable(bank.rows for bank in banks) if row is not None)
