"""Tapes: the values that a rule evaluates, and the findings that it must make, on two lines.

    tape: "80x4 86x5 _x2 60x2"
    expect: ["6s raised medium", "9s cleared recovered"]

A tape is a list of steps, one each `every`: `80x4` is the value 80 four times, `36.5+0.1x10` ten values that rise
by 0.1, `(80 90)x5` the two in turn five times, `_x2` two steps without a value, `!400x3` three implausible values.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from pydantic import Field

from detectors.base.registry import detector_params
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from ward.clock import SECOND, Micros
from ward.config.base_model import ConfigModel, Seconds
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding, Kind
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Ward
from ward.reading import Reading
from ward.signals import Catalogue

# A midnight: `every:` and windows are aligned to the epoch.
START: Micros = 20_000 * 86_400 * SECOND
DEVICE = "mon-1"
MOST_STEPS = 1_000_000

_TOKEN = re.compile(r"(!?)(-?\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?|_")
_ITEM = re.compile(r"\(([^()]*)\)(?:x(\d+))?|([^\s()]+?)(?:x(\d+))?(?=\s|$)")

# A value and whether it is plausible; None for a step without a value.
Step = tuple[float, bool] | None


class Tape(ConfigModel):
    """One tape, as in a file of `tests/tapes/<detector>/`."""

    label: str = Field("", description="what it shows")
    tape: str | dict[str, str] = Field(description="the values of `signal`, or those of several signals by name")
    signal: str = Field("heart_rate", description="what is measured")
    every: Seconds = Field(1.0, gt=0, description="the time from one value to the next")
    expected: bool = Field(True, description="whether the inventory knows the device, and expects its signals")
    kind: Kind = Field(Kind.TECHNICAL, description="the kind of the rule")
    rule: dict[str, Any] = Field(description="the rule as in detectors.yaml; `signals` may be left out")
    expect: tuple[str, ...] = Field(description="exactly the findings that must be made: `6s raised medium`")

    def steps(self) -> dict[str, list[Step]]:
        """The steps of each signal. Raises `ValueError` for a text that is no tape."""
        texts = {self.signal: self.tape} if isinstance(self.tape, str) else self.tape
        return {signal: parse(text) for signal, text in texts.items()}


def parse(text: str) -> list[Step]:
    """The steps of a tape.

    Raises:
        ValueError: for a text that is no tape, or has more than a million steps.

    >>> parse("80x2 _ !400")
    [(80.0, True), (80.0, True), None, (400.0, False)]
    """
    return list(chain.from_iterable(_items(text)))


def summaries(tape: Tape, detector: str, catalogue: Catalogue) -> list[str]:
    """The findings on a tape, written as in `expect`.

    Raises:
        Exception: what the detector raises.

    >>> tape = Tape(tape="80x4 130x3 80", rule={"side": "high", "medium": 120}, expect=())
    >>> summaries(tape, "limits", Catalogue({}))
    ['4s raised medium', '7s cleared recovered']
    """
    return [summary(finding) for finding in findings(tape, detector, catalogue)]


def findings(tape: Tape, detector: str, catalogue: Catalogue) -> list[Finding]:
    """The findings on a tape.

    Raises:
        Exception: what the detector raises.
    """
    steps = tape.steps()
    return run(_config(tape, detector, catalogue, steps), DEVICE, steps, tape.every)


def run(config: Config, device: str, steps: Mapping[str, Sequence[Step]], every: float) -> list[Finding]:
    """The findings of a config when a device sends these steps by signal, one each `every` seconds from `START` on.

    Raises:
        Exception: what a detector raises.
    """
    engine = Engine(config)
    if device in config.inventory.devices:
        engine.add_expected([device], START)
    found: list[Finding] = []
    for i, row in enumerate(zip_longest(*steps.values())):
        now = START + round(i * every * SECOND)
        reading = _reading(device, dict(zip(steps, row, strict=True)), now)
        for result in (engine.evaluate([reading]) if reading else EngineResult(), engine.advance(now)):
            if result.failures:
                raise next(iter(result.failures.values()))
            found += result.findings
    return found


def summary(finding: Finding) -> str:
    """A finding as `expect` has it: `6s raised medium`."""
    at = (finding.at - START) / SECOND
    return f"{at:g}s {finding.transition} {finding.ended or finding.severity}"


def _items(text: str) -> Iterator[list[Step]]:
    at = total = 0
    for match in _ITEM.finditer(text):
        if text[at : match.start()].strip():
            raise ValueError(f"not part of a tape: {text[at : match.start()].strip()}")
        at = match.end()
        group, times, token, count = match.groups()
        inner = [] if group is None else parse(group)
        total += int(count or 1) if group is None else len(inner) * int(times or 1)
        if total > MOST_STEPS:
            raise ValueError(f"a tape of more than {MOST_STEPS} steps")
        yield _token(token, int(count or 1)) if group is None else inner * int(times or 1)
    if text[at:].strip():
        raise ValueError(f"not part of a tape: {text[at:].strip()}")


def _token(text: str, count: int) -> list[Step]:
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise ValueError(f"not part of a tape: {text}")
    implausible, first, step = match.groups()
    if first is None:
        return [None] * count
    return [(float(first) + i * float(step or 0), not implausible) for i in range(count)]


def _reading(device: str, steps: Mapping[str, Step], now: Micros) -> Reading | None:
    there = {signal: step for signal, step in steps.items() if step is not None}
    if not there:
        return None
    return Reading(
        device=device, ward="w1", at=now, received_at=now,
        values={signal: value for signal, (value, plausible) in there.items() if plausible},
        implausible={signal: value for signal, (value, plausible) in there.items() if not plausible},
    )  # fmt: skip


def _config(tape: Tape, detector: str, catalogue: Catalogue, measured: Iterable[str]) -> Config:
    settings = dict(tape.rule)
    signals = tuple(settings.pop("signals", [tape.signal]))
    rule = Rule("tape", detector, signals, tape.kind, detector_params()[detector], settings)
    monitor = DeviceKind(name="monitor", label="Monitor", signals=dict.fromkeys(measured, tape.every))
    device = Device(id=DEVICE, device_kind="monitor", assignments=(Assignment(ward="w1", bed="bed-1"),))
    inventory = Inventory(
        wards=[Ward(id="w1", name="Ward 1")], beds=[Bed(id="bed-1", ward="w1", label="Bed 1")],
        device_kinds=[monitor], devices=[device] if tape.expected else (),
    )  # fmt: skip
    return Config("tape", catalogue, inventory, (rule,))
