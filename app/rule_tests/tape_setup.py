"""Who plays a tape of ops: the rule, the device, and a config that holds both and nothing that changes with time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.config_tools.effective_rules import overrides_for
from app.rule_tests.rule_tape import RuleTape
from detectors.tapes.tape import Step, parse
from ward.clock import Micros
from ward.config.config import Config
from ward.config.rule import Rule
from ward.config.yaml.document import Document
from ward.config.yaml.fault_collector import FaultCollector
from ward.inventory import Assignment, Device, Inventory, Stay


@dataclass(frozen=True)
class TapeSetup:
    """What is needed to run it."""

    config: Config
    device: str
    tracks: Mapping[str, Sequence[Step]]


def set_up_tape(
    tape: RuleTape, config: Config, document: Document, faults: FaultCollector, now: Micros
) -> TapeSetup | None:
    """The cast of a tape, or None and faults with their places."""
    rule = next((rule for rule in config.rules if rule.name == tape.rule), None)
    if rule is None:
        faults.unknown(document, ("rule",), "rule", tape.rule, [rule.name for rule in config.rules])
        return None
    names = _names(tape, config, document, faults)
    device = _device(tape, rule, config, now)
    if names is None:
        return None
    if device is None:
        key = "bed" if tape.bed else "device" if tape.device else "rule"
        faults.add(document, (key,), f"no device there that {rule.name} is for")
        return None
    written = _written(tape, rule, config, device, document, faults)
    tracks = {signal: _steps(text, signal, config, document, faults) for signal, text in written.items()}
    if faults.wrong:
        return None
    return TapeSetup(replace(config, rules=(rule,), inventory=_still(config.inventory, now)), device, tracks)


def _names(tape: RuleTape, config: Config, document: Document, faults: FaultCollector) -> bool | None:
    """None where the bed or the device is in no inventory."""
    for what, name, known in (
        ("bed", tape.bed, config.inventory.beds), ("device", tape.device, config.inventory.devices),
    ):  # fmt: skip
        if name and name not in known:
            faults.unknown(document, (what,), what, name, list(known))
            return None
    return True


def _device(tape: RuleTape, rule: Rule, config: Config, now: Micros) -> str | None:
    """The device asked for; else one that all the rule's signals are expected of, without an override if there is."""
    places = {device: config.inventory.place(device, now) for device in config.inventory.devices}
    meant = [
        device for device, place in places.items()
        if (not tape.bed or place.bed == tape.bed) and (not tape.device or device == tape.device)
        and rule.resolve(device, place) is not None
    ]  # fmt: skip
    wanted = set(tape.tape) if isinstance(tape.tape, dict) else {tape.signal or "".join(rule.signals[:1])}
    meant.sort(key=lambda d: (not wanted <= set(config.inventory.expected(d)), len(overrides_for(rule, d, places[d]))))
    return meant[0] if meant else None


def _written(
    tape: RuleTape, rule: Rule, config: Config, device: str, document: Document, faults: FaultCollector
) -> dict[str, str]:
    """The tracks by signal, as they stand there."""
    expected = list(config.inventory.expected(device))
    if isinstance(tape.tape, dict):
        tracks = tape.tape
    elif tape.signal or len(rule.signals) < 2:
        signal = tape.signal or next(iter((*rule.signals, *expected)), "")
        tracks = {signal: tape.tape}
    else:
        faults.add(document, ("tape",), f"{rule.name} watches {', '.join(rule.signals)}: say which with `signal:`")
        return {}
    known = {*rule.signals, *expected}
    for signal in tracks:
        if signal not in known:
            faults.unknown(document, ("signal",) if tape.signal else ("tape", signal), "signal", signal, known)
    return tracks


def _steps(text: str, signal: str, config: Config, document: Document, faults: FaultCollector) -> list[Step]:
    """What the detectors would be given: what cannot be true is marked, as the bridge does it."""
    try:
        return list(_doubted(parse(text), signal, config))
    except ValueError as error:
        inner = ("tape", signal) if isinstance(document.data().get("tape"), dict) else ("tape",)
        faults.add(document, inner, str(error))
        return []


def _doubted(steps: Sequence[Step], signal: str, config: Config) -> Iterator[Step]:
    plausible = config.catalogue.known(signal).plausible
    for step in steps:
        yield step if step is None else (step[0], step[1] and plausible(step[0]))


def _still(inventory: Inventory, now: Micros) -> Inventory:
    """The inventory as it is now, for ever: a verdict must not follow from the day on which a tape is played."""

    def still(device: Device) -> Device:
        place = inventory.place(device.id, now)
        return replace(device, assignments=(Assignment(ward=place.ward, bed=place.bed),))

    return Inventory(
        wards=inventory.wards.values(), beds=inventory.beds.values(), device_kinds=inventory.device_kinds.values(),
        devices=map(still, inventory.devices.values()),
        stays=[Stay(patient=patient, bed=bed) for bed in inventory.beds if (patient := inventory.patient(bed, now))],
    )  # fmt: skip
