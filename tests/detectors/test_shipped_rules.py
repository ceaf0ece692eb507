"""The shipped rules: a healthy ward is silent, and each fault raises its own."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain

import numpy as np
import pytest
from msgspec.structs import replace

from app.settings.config_reader import config_reader
from detectors.engine.engine import Engine
from tests.app.calling import ADDRESSES
from tests.detectors.builders import T0, at, ward
from tests.detectors.shipped_rules import CATALOGUE, FILE, VITALS, changed, doubted, healthy, shipped
from ward.config.config import Config
from ward.config.rule import Scope
from ward.finding import Finding, Severity, Transition
from ward.reading import Flag, Reading

START = 600.0  # when a fault begins
MINUTE = 60_000_000


def config(devices: int) -> Config:
    here = ward(*shipped().values(), devices=devices, signals=dict.fromkeys(VITALS, 2.5))
    return Config("shipped", CATALOGUE, here.inventory, here.rules)


def found(readings: Iterable[Reading], devices: int = 1, until: float = 0) -> list[Finding]:
    engine, found = Engine(config(devices)), []
    engine.add_expected([f"m{i + 1}" for i in range(devices)], at(0))
    ordered = sorted(readings, key=lambda r: r.received_at)
    for start in range(0, len(ordered), 500):
        found += engine.evaluate(ordered[start : start + 500]).findings
    return found + (engine.advance(at(until)).findings if until else [])


def test_every_rule_has_a_label_and_builds_with_each_override() -> None:
    for name, rule in shipped().items():
        assert rule.label, name
        for overrides in ((), rule.overrides):
            for override in overrides:
                rule.build(override.set)
        rule.build({})


def test_every_rule_has_a_reason_beside_its_numbers() -> None:
    text = FILE.read_text(encoding="utf-8")
    blocks = text.split("\n\n")
    rules = [block for block in blocks if "detector: " in block and "label: " in block]
    assert len(rules) == len(shipped())
    assert [b.strip().splitlines()[0] for b in rules if "#" not in b and "keep_firing_for" not in b] == []


def test_a_healthy_hour_of_twenty_beds_raises_nothing() -> None:
    readings = (r for bed in range(20) for r in healthy(f"m{bed + 1}", 3600, seed=bed))
    assert [f.text for f in found(readings, devices=20)] == []


ConfigFault = Callable[[Iterator[Reading]], Iterator[Reading]]


def from_start(change: Callable[[Reading, float], Iterable[Reading]]) -> ConfigFault:
    """A fault that changes each reading, given the seconds since the fault began."""

    def fault(readings: Iterator[Reading]) -> Iterator[Reading]:
        for reading in readings:
            since = (reading.at - at(START)) / 1e6
            yield from [reading] if since < 0 else change(reading, since)

    return fault


def chance(r: Reading) -> np.random.Generator:
    """The same for the same reading, whichever tests run."""
    return np.random.default_rng(r.at)


FAULTS: dict[str, tuple[ConfigFault, set[str]]] = {
    "unplugged": (from_start(lambda r, t: []), {"device-silent"}),
    "probe off": (from_start(lambda r, t: [changed(r, spo2=None)]), {"signal-missing"}),
    "probe off, shown as zero": (from_start(lambda r, t: [doubted(r, heart_rate=0)]), {"signal-missing", "artefacts"}),
    "spikes": (
        from_start(lambda r, t: [doubted(r, spo2=140) if chance(r).random() < 0.08 else r]), {"artefacts"},
    ),
    "stuck pulse": (from_start(lambda r, t: [changed(r, heart_rate=74)]), {"stuck-pulse"}),
    "stuck saturation": (from_start(lambda r, t: [changed(r, spo2=97)]), {"stuck-saturation"}),
    "growing noise": (
        from_start(lambda r, t: [changed(r, heart_rate=74 + 12 * min(t / 1800, 1) * chance(r).normal())]),
        {"noisy-heart-rate"},
    ),
    "noise on the thermometer": (
        from_start(lambda r, t: [changed(r, temperature=36.8 + 0.5 * chance(r).normal())]), {"noisy-temperature"},
    ),
    "readings lost": (from_start(lambda r, t: [replace(r, lost=int(chance(r).random() < 0.05))]), {"readings-lost"}),
    "readings out of order": (
        from_start(lambda r, t: [replace(r, flags=int(Flag.OUT_OF_ORDER))] if chance(r).random() < 0.2 else [r]),
        {"readings-late"},
    ),
    "readings repeated": (
        from_start(lambda r, t: [replace(r, duplicates=int(chance(r).random() < 0.33))]), {"readings-repeated"},
    ),
    "reboots": (
        from_start(lambda r, t: [] if t % 300 < 20 else [replace(r, flags=int(Flag.REBOOTED) * (t % 300 < 22.5))]),
        {"device-silent", "device-rebooting"},
    ),
    "two devices with one id": (
        from_start(lambda r, t: [replace(r, flags=int(Flag.SOURCE_CHANGED))]), {"device-id-shared"},
    ),
    "another publisher, 4.8 seconds ahead": (
        from_start(
            lambda r, t: [r, replace(r, at=r.at + 1, device_time=r.at + 4_800_000, flags=int(Flag.CLOCK_AHEAD))]
        ),
        {"readings-ahead"},
    ),
    "two devices with one client id": (
        from_start(lambda r, t: [r] + [replace(r, values={"online": 1.0}, flags=int(Flag.STATUS))] * (t % 6 < 2.5)),
        {"connection-unstable"},
    ),
    "clock set back": (
        from_start(lambda r, t: [replace(r, device_time=r.received_at - 600_000_000, flags=int(Flag.CLOCK_STEPPED))]),
        {"clock-slow"},
    ),
    "clock ahead": (
        from_start(lambda r, t: [replace(r, device_time=r.received_at + 400_000_000, flags=int(Flag.CLOCK_AHEAD))]),
        {"clock-fast", "readings-ahead"},
    ),
    "fading battery": (
        from_start(lambda r, t: [changed(r, battery=60 - t / 30)] if t < 1800 else []),
        {"battery-low", "device-silent"},
    ),
    "offline": (
        from_start(lambda r, t: [replace(r, values={"online": 0.0}, flags=int(Flag.STATUS))] if t < 2 else []),
        {"device-offline", "device-silent"},
    ),
    "desaturation": (
        from_start(lambda r, t: [changed(r, spo2=r.values["spo2"] - round(min(t / 12, 15)))]), {"saturation-falling"},
    ),
    "a racing heart": (
        from_start(lambda r, t: [changed(r, heart_rate=r.values["heart_rate"] + min(t / 1.5, 60))]),
        {"heart-rate-changing", "shock-index"},
    ),
    "a pressure that falls": (
        from_start(lambda r, t: [changed(r, systolic_bp=r.values["systolic_bp"] - min(t / 5, 50))]),
        {"pressure-falling", "shock-index"},
    ),
    "faster breath": (
        from_start(lambda r, t: [changed(r, respiratory_rate=r.values["respiratory_rate"] + min(t / 6, 20))]),
        {"respiration-changing"},
    ),
    "a probe that slipped off": (
        from_start(lambda r, t: [changed(r, temperature=round(max(30.0, 36.8 - t / 120), 1))]),
        {"temperature-jumping"},
    ),
}  # fmt: skip


@cache
def in_one_ward() -> dict[str, list[Finding]]:
    """What is found of each fault: the same patient at as many beds, and at each bed another fault."""
    beds = {f"m{i + 1}": name for i, name in enumerate(FAULTS)}
    patient = list(healthy("", START + 2700, seed=3))
    at_bed = {bed: [replace(reading, device=bed) for reading in patient] for bed in beds}
    readings = (reading for bed, name in beds.items() for reading in FAULTS[name][0](iter(at_bed[bed])))
    findings = found(readings, devices=len(beds), until=START + 2700)
    assert {f.device for f in findings} == beds.keys()
    return {name: [f for f in findings if f.device == bed] for bed, name in beds.items()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_raises_its_own_alert_and_no_other(name: str) -> None:
    findings, (_, expected) = in_one_ward()[name], FAULTS[name]
    assert {f.rule for f in findings if f.transition is Transition.RAISED} == expected
    assert min(f.received_at for f in findings) >= at(START)


HOURS = 3.5
TOGETHER = {"heart_rate": 14.0, "respiratory_rate": 3.0, "spo2": -2.0, "systolic_bp": -13.0, "temperature": 0.5}


def learned_patient(bed: int, *, ill: bool) -> Iterator[Reading]:
    """Some hours of a patient; in the last half hour all vital signs are a little off, each within its limits."""
    for one in healthy(f"m{bed}", HOURS * 3600, seed=40 + bed):
        share = min(1.0, max(0.0, (one.at - at((HOURS - 0.5) * 3600)) / 1e6 / 600)) if ill else 0.0
        yield changed(one, **{name: round(one.values[name] + share * off, 1) for name, off in TOGETHER.items()})


@pytest.mark.parametrize("scope", ["device", "bed"])
def test_vital_signs_that_are_each_within_limits_and_together_are_not_raise_one_alert(scope: Scope) -> None:
    """Neither the limits of the vital signs nor any other shipped rule sees the patient of the second bed."""
    rules = config_reader(FILE.parent, ADDRESSES)(T0).rules
    here = ward(*rules, devices=2, signals=dict.fromkeys(VITALS, 2.5))
    engine = Engine(Config("shipped", CATALOGUE, here.inventory, here.rules), scope=scope)
    beds = [list(learned_patient(1, ill=False)), list(learned_patient(2, ill=True))]
    both = sorted(chain.from_iterable(beds), key=lambda one: one.received_at)
    findings = [f for start in range(0, len(both), 500) for f in engine.evaluate(both[start : start + 500]).findings]
    if scope == "device":
        assert [(f.rule, f.text) for f in findings] == []
        return
    assert [(f.rule, f.device, f.severity, f.transition) for f in findings] == [
        ("vitals-together", "m2", Severity.LOW, Transition.RAISED)
    ]
    assert at((HOURS - 0.5) * 3600) < findings[0].at < at((HOURS - 0.2) * 3600)
    assert findings[0].text.startswith("Unusual together: ")
