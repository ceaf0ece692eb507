"""A tape file, played: what was expected, what was found, and where they differ."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.rule_tests.rule_tape import RuleTape
from app.rule_tests.tape_setup import set_up_tape
from detectors.base.registry import detector_params
from detectors.tapes.tape import Tape, findings, parse, run, summary
from ward.clock import Micros
from ward.config.config import Config
from ward.config.yaml.document import Document
from ward.config.yaml.fault import Fault
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.config.yaml.validation import validated
from ward.finding import Finding
from ward.ids import printable


@dataclass(frozen=True)
class TapeRun:
    """What came of one file. `faults` keep it from being played; `where` says on which device it was."""

    file: Path
    label: str = ""
    where: str = ""
    expect: Sequence[str] = ()
    found: Sequence[Finding] = ()
    faults: Sequence[Fault] = ()

    @property
    def passed(self) -> bool:
        return not self.faults and list(self.expect) == [summary(finding) for finding in self.found]

    def lines(self) -> Iterator[str]:
        """`ok` or `FAIL` with what it shows; then what differs: `-` did not come, `+` was not expected."""
        name = self.file.as_posix()
        shown = ": ".join(part for part in (name, f"{self.label}{f' ({self.where})' if self.where else ''}") if part)
        yield printable(f"{'ok  ' if self.passed else 'FAIL'}  {shown}", 500)
        for fault in self.faults:
            yield printable(f"      {fault}", 1000)
        if not self.faults and not self.passed:
            yield from (printable(f"      {line}", 500) for line in self._differences())

    def _differences(self) -> Iterator[str]:
        found = [summary(finding) for finding in self.found]
        for tag, a, b, c, d in difflib.SequenceMatcher(None, list(self.expect), found).get_opcodes():
            if tag == "equal":
                yield from (f"  {text}" for text in found[c:d])
                continue
            yield from (f"- {text}" for text in self.expect[a:b])
            yield from (f"+ {summary(finding)}: {finding.text}" for finding in self.found[c:d])


def run_tape(file: Path, config: Config, now: Micros) -> TapeRun:
    """Play a tape of ops, which names a rule of the config, or one of `tests/tapes/`, which brings its own."""
    document, unreadable = read_document(file, file.as_posix())
    if document is None or unreadable:
        return TapeRun(file, faults=unreadable)
    faults = FaultCollector()
    data = document.data()
    if not isinstance(data, dict):
        faults.add(document, (), "must hold lines of `key: value`: rule, tape and expect")
        return TapeRun(file, faults=faults.all())
    own = isinstance(data.get("rule"), dict)
    trial = _own(file, document, config, faults) if own else _ops(file, document, config, faults, now)
    return trial or TapeRun(file, faults=faults.all())


def _ops(file: Path, document: Document, config: Config, faults: FaultCollector, now: Micros) -> TapeRun | None:
    sheet = validated(RuleTape, document, faults)
    if sheet is None or faults.wrong:
        return None
    players = set_up_tape(sheet.model, config, document, faults, now)
    if players is None:
        return None
    try:
        found = run(players.config, players.device, players.tracks, sheet.model.every)
    except Exception as error:  # noqa: BLE001 - whatever a detector raises is what came of the tape
        faults.add(document, ("rule",), f"its detector failed: {error!r}")
        return None
    where = players.config.inventory.place(players.device, now).bed or players.device
    return TapeRun(file, sheet.model.label, f"{sheet.model.rule} at {where}", sheet.model.expect, found)


def _own(file: Path, document: Document, config: Config, faults: FaultCollector) -> TapeRun | None:
    """One that brings its own rule; its folder, or `detector:` in the rule, says which detector."""
    sheet = validated(Tape, document, faults)
    if sheet is None or faults.wrong:
        return None
    detector = str(sheet.model.rule.get("detector") or file.resolve().parent.name)
    if detector not in detector_params():
        faults.unknown(document, ("rule",), "detector", detector, detector_params())
        return None
    rule = {key: value for key, value in sheet.model.rule.items() if key != "detector"}
    tape = sheet.model.model_copy(update={"rule": rule})
    try:
        for track in [tape.tape] if isinstance(tape.tape, str) else tape.tape.values():
            parse(track)
        found = findings(tape, detector, config.catalogue)
    except Exception as error:  # noqa: BLE001 - the same
        faults.add(document, ("tape",), str(error))
        return None
    return TapeRun(file, tape.label, detector, tape.expect, found)
