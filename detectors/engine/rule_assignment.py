"""Which rules evaluate which series: rows are added and removed as config, inventory and devices change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from detectors.base.derived_signals import DERIVED_SIGNALS, IMPLAUSIBLE_PREFIX, signal_of
from detectors.base.detector import Detector
from detectors.base.evidence import SeriesInfo
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.rule import ResolvedRule, Rule
from ward.finding import EndReason, Finding, Kind
from ward.inventory import Period, Place

LOGGER = "humidity_logger"
# A technical episode ends after so many seconds without a value of its series.
STALE_AFTER = 3600.0


@dataclass(frozen=True, slots=True)
class ForcedEnd:
    """An episode that ends at `at` for another reason than its values. `last_finding` is the newest one of it; `text`
    replaces the usual text of the reason."""

    last_finding: Finding
    reason: EndReason
    at: Micros
    text: str = ""


class RuleAssignment:
    """All tables, and the rows of each device in them. `updates` is as in `Engine`."""

    def __init__(self, config: Config, devices: Devices, updates: bool = False) -> None:
        self._updates = updates
        self.tables: dict[tuple[str, bool], DetectorTable] = {}
        self._devices = devices
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take a new config. Rows change with the next `relocate` of each device."""
        self.config = config
        self._rules: dict[str, list[Rule]] = {}
        for rule in config.rules:
            for signal in _series_of(rule):
                self._rules.setdefault(signal, []).append(rule)
        self._stays: dict[str, list[Period]] = {}
        for stay in config.inventory.stays:
            self._stays.setdefault(stay.bed, []).append(stay.span)

    def table(self, rule: Rule, resolved: ResolvedRule) -> DetectorTable:
        """The table that the rows of a rule are in."""
        key = rule.detector, resolved.decision.every is not None
        if key not in self.tables:
            self.tables[key] = DetectorTable(Detector.registry[rule.detector](), key[1], self._updates)
        return self.tables[key]

    def add_device(self, device: DeviceState, now: Micros) -> None:
        """Locate a new device, and add the rows about it as a whole and about the signals that are expected of it."""
        self._locate(device, now)
        self._add_rows(device, "")
        self.add_expected_series(device)

    def add_expected_series(self, device: DeviceState) -> None:
        """Add all series that the inventory expects of a device."""
        for signal in self.config.inventory.expected(device.name):
            self.add_series(device, signal)

    def add_series(self, device: DeviceState, signal: str) -> None:
        """Add a series of a device, if it is not known, with a row for each rule about it."""
        if signal not in device.series:
            self._devices.add_series(device, signal)
            self._add_rows(device, signal)

    def relocate(self, device: DeviceState, now: Micros, ended_at: Micros) -> Iterator[ForcedEnd]:
        """Look up where a device is at `now`, and change its rows to match; episodes that end by that end at
        `ended_at`."""
        before, was_registered = device.place, not device.unregistered
        self._locate(device, now)
        if was_registered and device.unregistered:
            yield from self._reset_removed(device, ended_at)
        elif patient_changed(before, device.place):
            yield from self._reset_patient(device, ended_at)
        gone = EndReason.REMOVED if before == device.place else EndReason.RULE_CHANGED
        yield from self._update_rows(device, ended_at, gone)

    def _locate(self, device: DeviceState, now: Micros) -> None:
        """Look up where a device is at `now`, and until when."""
        inventory = self.config.inventory
        device.place = inventory.place(device.name, now, device.ward, device.device_kind)
        known = inventory.devices.get(device.name)
        device.unregistered = known is None
        device.assigned = known is not None and any(a.span.contains(now) for a in known.assignments)
        if device.place.attached:
            device.attached = device.place.attached
        device.logger = device.place.device_kind == LOGGER or bool(device.attached)
        columns, number = self._devices.columns, device.number
        columns.unregistered[number] = float(device.unregistered)
        device.place_changes = self._place_changes(device.name)
        columns.place_until[number] = next((at / SECOND for at in device.place_changes if at > now), float("inf"))

    def _place_changes(self, name: str) -> Sequence[Micros]:
        """Instants at which the bed or the patient of a device may change, in order."""
        known = self.config.inventory.devices.get(name)
        if known is None:
            return ()
        beds = {assignment.bed for assignment in known.assignments}
        spans = chain((a.span for a in known.assignments), *(self._stays.get(bed, ()) for bed in beds))
        return sorted(at for span in spans for at in (span.since, span.until) if at is not None)

    def _reset_removed(self, device: DeviceState, now: Micros) -> Iterator[ForcedEnd]:
        """End all episodes of a device that the config no longer has. If it goes on to send, it starts anew as an
        unregistered device: its values before were those of a bed."""
        self._devices.forget_history(device)
        for table, slot in device.slots():
            last = table.row(slot).last_finding
            table.reset(slot)
            if last:
                yield ForcedEnd(last, EndReason.REMOVED, now)

    def _reset_patient(self, device: DeviceState, now: Micros) -> Iterator[ForcedEnd]:
        """End the episodes of the patient who was there before, and forget all that was learned of that patient."""
        for table, slot in device.slots():
            row = table.row(slot)
            if row.rule.kind is Kind.PHYSIOLOGICAL:
                last = row.last_finding
                table.reset(slot)
                if last:
                    yield ForcedEnd(last, EndReason.DISCHARGED, now)

    def _update_rows(self, device: DeviceState, now: Micros, gone: EndReason) -> Iterator[ForcedEnd]:
        """Give a device the rows that its rules ask for. A row starts again when thresholds or parameters of its rule
        changed; all others keep their state. `gone` is why a rule holds no longer: the device is where it was, or has
        moved."""
        have = {(table.row(s).rule.name, table.row(s).signal): (table, s) for table, s in device.slots()}
        for signal in ("", *device.series):
            for rule in self._rules.get(signal, ()):
                resolved = rule.resolve(device.name, device.place)
                if resolved is None:
                    continue
                table, slot = have.pop((rule.name, signal), (None, -1))
                if table is not None and self._keep(table, slot, device, rule, resolved):
                    continue
                if table is not None:
                    expected = self._series_info(device, signal).expected
                    lost = table.row(slot).expected and not expected
                    yield from self._remove_row(device, table, slot, now, gone if lost else EndReason.RULE_CHANGED)
                self._add_row(device, signal, rule, resolved)
        for table, slot in have.values():
            yield from self._remove_row(device, table, slot, now, gone)

    def _keep(self, table: DetectorTable, slot: int, device: DeviceState, rule: Rule, resolved: ResolvedRule) -> bool:
        """Whether a row may stay; if so it takes the rule as it is now."""
        series = self._series_info(device, table.row(slot).signal)
        same = table is self.table(rule, resolved) and table.row(slot).digest == table.digest(resolved, rule)
        row = table.row(slot)
        lost = bool(row.expected) and not series.expected  # the config no longer expects it: not missing any more
        if not same or (table.detector.feed == "ticks" and (lost or series.expected is False)):
            if lost and row.signal:
                self._devices.forget_series(device, row.signal)
            return False
        table.update_rule(slot, rule, resolved, series)
        row.expected = bool(series.expected)
        return True

    def _remove_row(
        self, device: DeviceState, table: DetectorTable, slot: int, now: Micros, reason: EndReason
    ) -> Iterator[ForcedEnd]:
        last = table.row(slot).last_finding
        table.remove(slot)
        device.rows[table].remove(slot)
        if last:
            yield ForcedEnd(last, reason, now)

    def _add_rows(self, device: DeviceState, signal: str) -> None:
        for rule in self._rules.get(signal, ()):
            resolved = rule.resolve(device.name, device.place)
            if resolved is not None:
                self._add_row(device, signal, rule, resolved)

    def _add_row(self, device: DeviceState, signal: str, rule: Rule, resolved: ResolvedRule) -> None:
        series, table = self._series_info(device, signal), self.table(rule, resolved)
        if series.expected is False and table.detector.feed == "ticks":
            return
        row = RuleRow(
            rule=rule, resolved=resolved, device=device.name, signal=signal,
            series_number=device.series.get(signal, -1), device_number=device.number,
            digest=table.digest(resolved, rule), stale_after=_stale_after(table, rule, resolved, series),
            expected=bool(series.expected),
        )  # fmt: skip
        device.rows.setdefault(table, []).append(table.add(row, series))

    def _series_info(self, device: DeviceState, signal: str) -> SeriesInfo:
        """What catalogue and inventory say of a series."""
        inventory, name = self.config.inventory, signal_of(signal)
        kind = inventory.device_kinds.get(device.place.device_kind) if device.place.known else None
        known, expected_signals = self.config.catalogue.known(name), inventory.expected(device.name)
        expected = None
        if device.place.known and not device.assigned:
            expected = False
        elif device.place.known and (signal == "" or signal in expected_signals):
            expected = True
        period = expected_signals.get(name) or known.every
        zone = self.config.alerting.timezone
        return SeriesInfo(known, period, kind.silent_after if kind else None, expected, zone)


def patient_changed(before: Place, after: Place) -> bool:
    """Whether values from before say nothing about the patient after: another patient, or, where no patient is known,
    another bed. The admission of a patient to a bed where none was known is no change."""
    if before.patient:
        return after.patient != before.patient
    return before.bed != "" and after.bed != before.bed


def _stale_after(table: DetectorTable, rule: Rule, resolved: ResolvedRule, series: SeriesInfo) -> float:
    """An hour, 3 windows or 20 periods, whichever is longest. Never for a detector with ticks, which evaluates the
    time without values itself; and never for a physiological rule: a lost signal does not mean that the patient
    recovered."""
    if rule.kind is Kind.PHYSIOLOGICAL or table.detector.needs_ticks:
        return float("inf")
    return max(STALE_AFTER, 3 * (resolved.decision.every or 0.0), 20 * (series.period or 0.0))


def _series_of(rule: Rule) -> Sequence[str]:
    """The series that a rule is about, by name; the empty name is the device as a whole."""
    if not rule.signals:
        return [""]
    if Detector.registry[rule.detector].feed != "events":
        return rule.signals
    return [name if name in DERIVED_SIGNALS else f"{IMPLAUSIBLE_PREFIX}{name}" for name in rule.signals]
