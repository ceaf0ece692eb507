"""Tapes: what a detector is shown, and what it must say, on two lines.

    tape: "80x4 86x5 _x2 60x2"
    expect: ["6s raised medium", "9s cleared recovered"]

A tape is a row of values, one each `every`: `80x4` four times 80, `36.5+0.1x10` ten values that rise
by 0.1, `(80 90)x5` the two in turn, `_x2` two that did not come, `!400x3` three that cannot be true.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from pydantic import Field

from detectors.base.registry import params
from detectors.engine.engine import Engine, EngineResult
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.model import Model, Seconds
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

# A value, whether it is plausible; None where nothing came.
Step = tuple[float, bool] | None


class Tape(Model):
    """One tape, as it stands in a file of `tests/tapes/<detector>/`."""

    label: str = Field("", description="what it shows")
    tape: str | dict[str, str] = Field(description="the values of `signal`, or those of several signals by name")
    signal: str = Field("heart_rate", description="what is measured")
    every: Seconds = Field(1.0, gt=0, description="the time from one value to the next")
    expected: bool = Field(True, description="whether the inventory knows the device, and expects its signals")
    kind: Kind = Field(Kind.TECHNICAL, description="the kind of the rule")
    rule: dict[str, Any] = Field(description="the rule as it would stand in detectors.yaml; `signals` may be left out")
    expect: tuple[str, ...] = Field(description="exactly what must be found: `6s raised medium`")


def parse(text: str) -> list[Step]:
    """The steps of a tape. Raises `ValueError` for what is not one, or has more than a million."""
    return list(chain.from_iterable(_items(text)))


def play(tape: Tape, detector: str, catalogue: Catalogue) -> list[str]:
    """What is found on a tape, in the words of `expect`."""
    return [words(finding) for finding in findings(tape, detector, catalogue)]


def findings(tape: Tape, detector: str, catalogue: Catalogue) -> list[Finding]:
    """The same, whole."""
    tracks = {tape.signal: tape.tape} if isinstance(tape.tape, str) else tape.tape
    config = _config(tape, detector, catalogue, tracks)
    return run(config, DEVICE, {signal: parse(track) for signal, track in tracks.items()}, tape.every)


def run(config: Config, device: str, tracks: Mapping[str, Sequence[Step]], every: float) -> list[Finding]:
    """What rules find when a device sends these steps, one each `every` seconds from `START` on.

    Raises what a detector raises.
    """
    engine = Engine(config)
    if device in config.inventory.devices:
        engine.expect([device], START)
    found: list[Finding] = []
    for i, steps in enumerate(zip_longest(*tracks.values())):
        now = START + round(i * every * SECOND)
        reading = _reading(device, dict(zip(tracks, steps, strict=True)), now)
        for judged in (engine.judge([reading]) if reading else EngineResult(), engine.advance(now)):
            if judged.failures:
                raise next(iter(judged.failures.values()))
            found += judged.findings
    return found


def words(finding: Finding) -> str:
    """A finding as `expect` has it: `6s raised medium`."""
    at = (finding.at - START) / SECOND
    return f"{at:g}s {finding.edge} {finding.ended or finding.severity}"


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
    given = {signal: step for signal, step in steps.items() if step is not None}
    if not given:
        return None
    return Reading(
        device=device, ward="w1", at=now, seen=now,
        values={signal: value for signal, (value, plausible) in given.items() if plausible},
        implausible={signal: value for signal, (value, plausible) in given.items() if not plausible},
    )  # fmt: skip


def _config(tape: Tape, detector: str, catalogue: Catalogue, tracks: Mapping[str, str]) -> Config:
    settings = dict(tape.rule)
    signals = tuple(settings.pop("signals", [tape.signal]))
    rule = Rule("tape", detector, signals, tape.kind, params()[detector], settings)
    monitor = DeviceKind(name="monitor", label="Monitor", signals=dict.fromkeys(tracks, tape.every))
    device = Device(id=DEVICE, device_kind="monitor", assignments=(Assignment(ward="w1", bed="bed-1"),))
    inventory = Inventory(
        wards=[Ward(id="w1", name="Ward 1")], beds=[Bed(id="bed-1", ward="w1", label="Bed 1")],
        device_kinds=[monitor], devices=[device] if tape.expected else (),
    )  # fmt: skip
    return Config("tape", catalogue, inventory, (rule,))
