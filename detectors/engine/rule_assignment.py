"""Which rules watch which series: rows come and go as config, inventory and the devices themselves have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from detectors.base.detector import Detector, Subject
from detectors.engine.devices import Device, Devices
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.waves.wave_builder import DOUBT, FACTS
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.rule import Resolved, Rule
from ward.finding import End, Finding, Kind
from ward.inventory import Place, Span

LOGGER = "humidity_logger"
# For how long a technical episode outlives the values it was judged from, in seconds.
PATIENCE = 3600.0


@dataclass(frozen=True, slots=True)
class ForcedEnd:
    """An episode that ends for another reason than its values; `told` is what was last said of it, `why` what to
    say now where the reason alone does not."""

    told: Finding
    reason: End
    at: Micros
    why: str = ""


class RuleAssignment:
    """All banks, and the rows of each device in them."""

    def __init__(self, config: Config, devices: Devices) -> None:
        self.banks: dict[tuple[str, bool], DetectorTable] = {}
        self._devices = devices
        self._take(config)

    def configure(self, config: Config) -> None:
        """Take a new config. Rows stay as they are until `sync`."""
        self._take(config)

    def seat(self, device: Device, now: Micros) -> None:
        """Look up where a device is at `now`, and until when."""
        inventory = self.config.inventory
        device.place = inventory.place(device.name, now, device.ward, device.device_kind)
        known = inventory.devices.get(device.name)
        device.stranger = known is None
        device.posted = known is not None and any(assignment.span.holds(now) for assignment in known.assignments)
        if device.place.attached:
            device.attached = device.place.attached
        device.logger = device.place.device_kind == LOGGER or bool(device.attached)
        columns, number = self._devices.columns, device.number
        columns.stranger[number] = float(device.stranger)
        edges = (edge / SECOND for edge in self._edges(device.name) if edge > now)
        columns.boundary[number] = min(edges, default=float("inf"))

    def since(self, device: Device, now: Micros) -> Micros:
        """Since when a device has been where it is at `now`, with the same patient."""
        return max((edge for edge in self._edges(device.name) if edge <= now), default=0)

    def reseat(self, device: Device, now: Micros, at: Micros) -> Iterator[ForcedEnd]:
        """Look up anew where a device is; what ends by that ends at `at`."""
        before = device.place
        self.seat(device, now)
        if moved(before, device.place):
            yield from self._vacate(device, at)
        yield from self.sync(device, at)

    def watch(self, device: Device, signal: str) -> None:
        """A series of a device, with a row for each rule that wants it."""
        if signal not in device.series:
            self._devices.add(device, signal)
            self._rows(device, signal)

    def enter(self, device: Device, now: Micros) -> None:
        """A device that is new: where it is, what watches it as a whole, and what the inventory expects of it."""
        self.seat(device, now)
        self._rows(device, "")
        self.expect(device)

    def _rows(self, device: Device, signal: str) -> None:
        for rule in self._wanting.get(signal, ()):
            resolved = rule.resolve(device.name, device.place)
            if resolved is not None:
                self._add(device, signal, rule, resolved)

    def expect(self, device: Device) -> None:
        """All series that the inventory says should come."""
        for signal in self.config.inventory.expected(device.name):
            self.watch(device, signal)

    def sync(self, device: Device, now: Micros) -> Iterator[ForcedEnd]:
        """Make a device's rows what they should be. A row that another rule or other parameters replace starts
        afresh; all others keep their state."""
        have = {(bank.row(s).rule.name, bank.row(s).signal): (bank, s) for bank, s in slots(device)}
        for signal in ("", *device.series):
            for rule in self._wanting.get(signal, ()):
                resolved = rule.resolve(device.name, device.place)
                bank, slot = have.get((rule.name, signal), (None, -1))
                if resolved is None:
                    continue
                if bank is None:
                    self._add(device, signal, rule, resolved)
                elif self._same(bank, slot, device, rule, resolved):
                    del have[rule.name, signal]
                else:
                    yield from self.remove(device, bank, slot, now)
                    del have[rule.name, signal]
                    self._add(device, signal, rule, resolved)
        for bank, slot in have.values():
            yield from self.remove(device, bank, slot, now)

    def _same(self, bank: DetectorTable, slot: int, device: Device, rule: Rule, resolved: Resolved) -> bool:
        """Whether a row may stay; if so it takes what inventory and rule say now."""
        subject = self.subject(device, bank.row(slot).signal)
        stays = bank is self._bank(rule, resolved) and bank.row(slot).shape == bank.shape(resolved, rule)
        if not stays or (subject.expected is False and bank.detector.feed == "silence"):
            return False
        bank.adapt(slot, rule, resolved, subject)
        return True

    def remove(
        self, device: Device, bank: DetectorTable, slot: int, now: Micros, why: End = End.RULE_CHANGED
    ) -> list[ForcedEnd]:
        """Take a row away; the end of its episode, if it had one."""
        told = bank.row(slot).told
        bank.drop(slot)
        device.rows[bank].remove(slot)
        return [ForcedEnd(told, why, now)] if told else []

    def _vacate(self, device: Device, now: Micros) -> Iterator[ForcedEnd]:
        """The patient is another one now: what was judged of the one before is over, and nothing of it is kept."""
        for bank, slot in slots(device):
            row = bank.row(slot)
            if row.rule.kind is Kind.PHYSIOLOGICAL:
                told = row.told
                bank.afresh(slot)
                if told:
                    yield ForcedEnd(told, End.DISCHARGED, now)

    def subject(self, device: Device, signal: str) -> Subject:
        """What catalogue and inventory know of a series."""
        inventory, name = self.config.inventory, signal.removeprefix(DOUBT)
        kind = inventory.device_kinds.get(device.place.device_kind) if device.place.known else None
        known, due = self.config.catalogue.known(name), inventory.expected(device.name)
        expected = None
        if device.place.known and not device.posted:
            expected = False
        elif device.place.known and (signal == "" or signal in due):
            expected = True
        return Subject(known, due.get(name) or known.every, kind.silent_after if kind else None, expected)

    def _take(self, config: Config) -> None:
        self.config = config
        self._wanting: dict[str, list[Rule]] = {}
        for rule in config.rules:
            for signal in _wanted(rule):
                self._wanting.setdefault(signal, []).append(rule)
        self._stays: dict[str, list[Span]] = {}
        for stay in config.inventory.stays:
            self._stays.setdefault(stay.bed, []).append(stay.span)

    def _edges(self, name: str) -> Iterator[Micros]:
        """Instants at which the place of a device may change."""
        known = self.config.inventory.devices.get(name)
        assignments = known.assignments if known else ()
        beds = {assignment.bed for assignment in assignments}
        spans = chain((assignment.span for assignment in assignments), *(self._stays.get(bed, ()) for bed in beds))
        return (edge for span in spans for edge in (span.since, span.until) if edge is not None)

    def _add(self, device: Device, signal: str, rule: Rule, resolved: Resolved) -> None:
        subject = self.subject(device, signal)
        bank = self._bank(rule, resolved)
        if subject.expected is False and bank.detector.feed == "silence":
            return
        row = RuleRow(
            rule=rule, resolved=resolved, device=device.name, signal=signal, series=device.series.get(signal, -1),
            owner=device.number, shape=bank.shape(resolved, rule), patience=_patience(bank, rule, resolved, subject),
        )  # fmt: skip
        device.rows.setdefault(bank, []).append(bank.add(row, subject))

    def _bank(self, rule: Rule, resolved: Resolved) -> DetectorTable:
        key = rule.detector, resolved.decision.every is not None
        if key not in self.banks:
            self.banks[key] = DetectorTable(Detector.registry[rule.detector](), windowed=key[1])
        return self.banks[key]


def slots(device: Device) -> list[tuple[DetectorTable, int]]:
    """All rows of a device."""
    return [(bank, slot) for bank, slots in device.rows.items() for slot in slots]


def moved(before: Place, after: Place) -> bool:
    """Whether what a device measured before says nothing any more: it is with another patient, or where nobody
    says who lies there, at another bed. That somebody is now known to lie there changes nothing."""
    if before.patient:
        return after.patient != before.patient
    return before.bed != "" and after.bed != before.bed


def _patience(bank: DetectorTable, rule: Rule, resolved: Resolved, subject: Subject) -> float:
    """An hour, or as long as a slow series needs to say anything at all. A detector that minds the time does
    not need it, and nothing that was judged of a patient ever ends by it."""
    if rule.kind is Kind.PHYSIOLOGICAL or bank.detector.ticks:
        return float("inf")
    return max(PATIENCE, 3 * (resolved.decision.every or 0.0), 20 * (subject.period or 0.0))


def _wanted(rule: Rule) -> Sequence[str]:
    if not rule.signals:
        return [""]
    if Detector.registry[rule.detector].feed != "doubts":
        return rule.signals
    return [name if name in FACTS else f"{DOUBT}{name}" for name in rule.signals]
