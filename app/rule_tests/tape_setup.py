"""Sets up the run of a tape: the rule, the device, and a config with both that does not change with time."""

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
    """The config, the device and the tracks of a tape."""

    config: Config
    device: str
    tracks: Mapping[str, Sequence[Step]]


def set_up_tape(
    tape: RuleTape, config: Config, document: Document, faults: FaultCollector, now: Micros
) -> TapeSetup | None:
    """The setup of a tape. None, and faults with their places, when the tape is wrong."""
    rule = next((rule for rule in config.rules if rule.name == tape.rule), None)
    if rule is None:
        faults.unknown(document, ("rule",), "rule", tape.rule, [rule.name for rule in config.rules])
        return None
    names = _names_known(tape, config, document, faults)
    device = _device(tape, rule, config, now)
    if names is None:
        return None
    if device is None:
        key = "bed" if tape.bed else "device" if tape.device else "rule"
        faults.add(document, (key,), f"no device here to which {rule.name} applies")
        return None
    texts = _texts(tape, rule, config, device, document, faults)
    tracks = {signal: _steps(text, signal, config, document, faults) for signal, text in texts.items()}
    if faults.has_errors:
        return None
    # Of a rule about a cohort a tape has the distance from the others.
    alone = replace(rule, scope="device") if rule.scope == "cohort" else rule
    return TapeSetup(replace(config, rules=(alone,), inventory=_constant(config.inventory, now)), device, tracks)


def _names_known(tape: RuleTape, config: Config, document: Document, faults: FaultCollector) -> bool | None:
    """True; None and a fault when the bed or the device is not in the inventory."""
    for what, name, known in (
        ("bed", tape.bed, config.inventory.beds), ("device", tape.device, config.inventory.devices),
    ):  # fmt: skip
        if name and name not in known:
            faults.unknown(document, (what,), what, name, list(known))
            return None
    return True


def _device(tape: RuleTape, rule: Rule, config: Config, now: Micros) -> str | None:
    """The named device; else one that sends all signals of the rule, if possible without an override."""
    places = {device: config.inventory.place(device, now) for device in config.inventory.devices}
    candidates = [
        device for device, place in places.items()
        if (not tape.bed or place.bed == tape.bed) and (not tape.device or device == tape.device)
        and rule.resolve(device, place) is not None
    ]  # fmt: skip
    wanted = set(tape.tape) if isinstance(tape.tape, dict) else {tape.signal or "".join(rule.signals[:1])}
    candidates.sort(
        key=lambda d: (not wanted <= set(config.inventory.expected(d)), len(overrides_for(rule, d, places[d])))
    )
    return candidates[0] if candidates else None


def _texts(
    tape: RuleTape, rule: Rule, config: Config, device: str, document: Document, faults: FaultCollector
) -> dict[str, str]:
    """The texts of the tracks by signal."""
    expected = list(config.inventory.expected(device))
    if isinstance(tape.tape, dict):
        tracks = tape.tape
    elif tape.signal or len(rule.signals) < 2:
        signal = tape.signal or next(iter((*rule.signals, *expected)), "")
        tracks = {signal: tape.tape}
    else:
        faults.add(
            document, ("tape",), f"{rule.name} has the signals {', '.join(rule.signals)}: name one with `signal:`"
        )
        return {}
    known = {*rule.signals, *expected}
    for signal in tracks:
        if signal not in known:
            faults.unknown(document, ("signal",) if tape.signal else ("tape", signal), "signal", signal, known)
    return tracks


def _steps(text: str, signal: str, config: Config, document: Document, faults: FaultCollector) -> list[Step]:
    """The steps for the detectors. Implausible values are marked, as the bridge does."""
    try:
        return list(_marked(parse(text), signal, config))
    except ValueError as error:
        inner = ("tape", signal) if isinstance(document.data().get("tape"), dict) else ("tape",)
        faults.add(document, inner, str(error))
        return []


def _marked(steps: Sequence[Step], signal: str, config: Config) -> Iterator[Step]:
    plausible = config.catalogue.known(signal).plausible
    for step in steps:
        yield step if step is None else (step[0], step[1] and plausible(step[0]))


def _constant(inventory: Inventory, now: Micros) -> Inventory:
    """The inventory as it is at `now`, constant in time: the result must not depend on the day of the run."""

    def constant(device: Device) -> Device:
        place = inventory.place(device.id, now)
        return replace(device, assignments=(Assignment(ward=place.ward, bed=place.bed),))

    return Inventory(
        wards=inventory.wards.values(), beds=inventory.beds.values(), device_kinds=inventory.device_kinds.values(),
        devices=map(constant, inventory.devices.values()),
        stays=[Stay(patient=patient, bed=bed) for bed in inventory.beds if (patient := inventory.patient(bed, now))],
    )  # fmt: skip
