"""Runs a tape file: the expected and the actual findings, and their differences."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.console.detector_failure import detector_failure
from app.rule_tests.rule_tape import RuleTape
from app.rule_tests.tape_setup import set_up_tape
from detectors.base.registry import detector_params
from detectors.tapes.tape import Tape, findings, parse, run, summary
from ward.clock import Micros
from ward.config.config import Config
from ward.config.yaml.document import Document
from ward.config.yaml.error_texts import sentence
from ward.config.yaml.fault import ConfigFault
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.config.yaml.validation import validated
from ward.finding import Finding
from ward.ids import printable


@dataclass(frozen=True)
class TapeRun:
    """The result of one tape. With `faults` it could not be run; `where` names the rule and the bed or device."""

    file: Path
    label: str = ""
    where: str = ""
    expect: Sequence[str] = ()
    found: Sequence[Finding] = ()
    faults: Sequence[ConfigFault] = ()

    @property
    def passed(self) -> bool:
        return not self.faults and list(self.expect) == [summary(finding) for finding in self.found]

    def lines(self) -> Iterator[str]:
        """`ok` or `FAIL` with the label; then the differences: `-` is missing, `+` was not expected."""
        name = self.file.as_posix()
        shown = ": ".join(part for part in (name, f"{self.label}{f' ({self.where})' if self.where else ''}") if part)
        yield printable(f"{'ok  ' if self.passed else 'FAIL'}  {shown}", 500)
        for fault in self.faults:
            yield printable(f"      {fault}", 1000)
        if not self.faults and not self.passed:
            yield from (printable(f"      {line}", 500) for line in self._differences())

    def data(self) -> dict[str, Any]:
        """The result as JSON data."""
        return {
            "file": self.file.as_posix(), "label": self.label, "rule": self.where, "passed": self.passed,
            "expected": list(self.expect),
            "found": [{"finding": summary(finding), "text": finding.text} for finding in self.found],
            "faults": [asdict(fault) for fault in self.faults],
        }  # fmt: skip

    def _differences(self) -> Iterator[str]:
        found = [summary(finding) for finding in self.found]
        for tag, a, b, c, d in difflib.SequenceMatcher(None, list(self.expect), found).get_opcodes():
            if tag == "equal":
                yield from (f"  {text}" for text in found[c:d])
                continue
            yield from (f"- {text}" for text in self.expect[a:b])
            yield from (f"+ {summary(finding)}: {finding.text}" for finding in self.found[c:d])


def run_tape(file: Path, config: Config, now: Micros) -> TapeRun:
    """Run a tape that names a rule of the config, or one of `tests/tapes/`, which contains its own rule."""
    document, unreadable = read_document(file, file.as_posix())
    if document is None or unreadable:
        return TapeRun(file, faults=unreadable)
    faults = FaultCollector()
    data = document.data()
    if not isinstance(data, dict):
        faults.add(document, (), "must hold lines of `key: value`: rule, tape and expect")
        return TapeRun(file, faults=faults.all())
    own = isinstance(data.get("rule"), dict)
    result = (
        _run_own_rule(file, document, config, faults) if own else _run_config_rule(file, document, config, faults, now)
    )
    return result or TapeRun(file, faults=faults.all())


def _run_config_rule(
    file: Path, document: Document, config: Config, faults: FaultCollector, now: Micros
) -> TapeRun | None:
    validated_tape = validated(RuleTape, document, faults)
    if validated_tape is None or faults.has_errors:
        return None
    setup = set_up_tape(validated_tape.model, config, document, faults, now)
    if setup is None:
        return None
    try:
        found = run(setup.config, setup.device, setup.tracks, validated_tape.model.every)
    except Exception as error:  # noqa: BLE001 - any error of a detector is the result of the tape
        return TapeRun(file, faults=[detector_failure(error, setup.config.rules[0].detector)])
    where = setup.config.inventory.place(setup.device, now).bed or setup.device
    return TapeRun(
        file, validated_tape.model.label, f"{validated_tape.model.rule} at {where}", validated_tape.model.expect, found
    )


def _run_own_rule(file: Path, document: Document, config: Config, faults: FaultCollector) -> TapeRun | None:
    """Run a tape with its own rule. Its detector is the name of the folder, or `detector:` in the rule."""
    validated_tape = validated(Tape, document, faults)
    if validated_tape is None or faults.has_errors:
        return None
    detector = str(validated_tape.model.rule.get("detector") or file.resolve().parent.name)
    if detector not in detector_params():
        faults.unknown(document, ("rule",), "detector", detector, detector_params())
        return None
    rule = {key: value for key, value in validated_tape.model.rule.items() if key != "detector"}
    tape = validated_tape.model.model_copy(update={"rule": rule})
    _check_tracks(tape, document, faults)
    if faults.has_errors:
        return None
    try:
        found = findings(tape, detector, config.catalogue)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            path = tuple(part for part in problem["loc"] if part in rule)
            faults.add(document, ("rule", *path), sentence(problem, problem["loc"], quote=True))
        return None
    except Exception as error:  # noqa: BLE001 - the same
        return TapeRun(file, faults=[detector_failure(error, detector)])
    return TapeRun(file, tape.label, detector, tape.expect, found)


def _check_tracks(tape: Tape, document: Document, faults: FaultCollector) -> None:
    tracks = {(): tape.tape} if isinstance(tape.tape, str) else {(name,): text for name, text in tape.tape.items()}
    for inner, text in tracks.items():
        try:
            parse(text)
        except ValueError as error:
            faults.add(document, ("tape", *inner), str(error))
