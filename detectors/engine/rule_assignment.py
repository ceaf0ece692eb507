"""Which rules evaluate which series: rows are added and removed as config, inventory and devices change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.base.derived_signals import DERIVED_SIGNALS, IMPLAUSIBLE_PREFIX, signal_of
from detectors.base.detector import Detector
from detectors.base.evidence import Parts, SeriesInfo
from detectors.engine.device_places import DevicePlaces, patient_changed
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.tables.choice import table_for
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.rule_row import RuleRow
from detectors.engine.tables.vector_table import VectorTable
from ward.clock import Micros
from ward.config.config import Config
from ward.config.rule import ResolvedRule, Rule, Scope
from ward.finding import EndReason, Finding, Kind

# A technical episode ends after so many seconds without a value of its series.
STALE_AFTER = 3600.0

# The rules that have rows about devices, or patients, in the engine of a scope. Where a cohort is needed there must be
# two engines: the first has the windows of each device.
_SCOPES: dict[Scope | None, tuple[Scope, ...]] = {
    None: ("device", "bed"), "device": ("device", "cohort"), "bed": ("bed",), "cohort": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ForcedEnd:
    """An episode that ends at `at` for another reason than its values. `last_finding` is the newest one of it; `text`
    replaces the usual text of the reason."""

    last_finding: Finding
    reason: EndReason
    at: Micros
    text: str = ""


class RuleAssignment:
    """All tables, and the rows of each device in them. `updates` and `scope` are as in `Engine`."""

    def __init__(self, config: Config, devices: Devices, updates: bool = False, scope: Scope | None = None) -> None:
        self._updates = updates
        self._scope = scope
        self.tables: dict[tuple[str, bool, int], DetectorTable] = {}
        self._devices = devices
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take a new config. Rows change with the next `relocate` of each device."""
        self.config = config
        self._rules: dict[str, list[Rule]] = {}
        self._vector_rules: dict[str, list[Rule]] = {}
        self._cohort_rules: dict[str, Rule] = {}
        for rule in config.rules:
            if rule.scope == "cohort" and self._scope == "bed":
                self._cohort_rules[rule.name] = rule
            if rule.scope not in _SCOPES[self._scope]:
                continue
            rules = self._vector_rules if rule.parts else self._rules
            for signal in rule.parts or _series_of(rule):
                rules.setdefault(signal, []).append(rule)
        self._places = DevicePlaces(config, self._devices)

    def table(self, rule: Rule, resolved: ResolvedRule) -> DetectorTable:
        """The table that the rows of a rule are in."""
        windowed = resolved.decision.every is not None
        key = rule.detector, windowed, len(rule.parts) or 1
        if key not in self.tables:
            self.tables[key] = table_for(rule, windowed, self._updates, self._scope)
        return self.tables[key]

    def add_device(self, device: DeviceState, now: Micros) -> None:
        """Locate a new device, and add the rows about it as a whole and about the signals that are expected of it."""
        self._places.locate(device, now)
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
            self._places.note_forwarded(device, signal)
            self._add_rows(device, signal)
            if not device.cohort:
                self._add_to_vectors(device, signal)

    def remove_series(self, device: DeviceState, signal: str) -> None:
        """Remove a series of a device with its rows, which have no episode. Call it between batches."""
        for table, slot in list(device.slots()):
            if table.row(slot).signal == signal:
                table.remove(slot)
                device.rows[table].remove(slot)
        self._devices.remove_series(device, signal)

    def relocate(self, device: DeviceState, now: Micros, ended_at: Micros) -> Iterator[ForcedEnd]:
        """Look up where a device is at `now`, and change its rows to match; episodes that end by that end at
        `ended_at`."""
        before, was_registered = device.place, not device.unregistered
        self._places.locate(device, now)
        if was_registered and device.unregistered:
            yield from self._reset_removed(device, ended_at)
        elif patient_changed(before, device.place):
            yield from self._reset_patient(device, ended_at)
        elif before.bed != device.place.bed:
            yield from self._end_at_bed(device, ended_at)
        gone = EndReason.REMOVED if before == device.place else EndReason.RULE_CHANGED
        yield from self._update_rows(device, ended_at, gone)

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

    def _end_at_bed(self, device: DeviceState, now: Micros) -> Iterator[ForcedEnd]:
        """A patient is in another bed, perhaps with a monitor: an alert about the patient belongs to the bed before,
        where the next patient may be. What was learned stays, unless the rule has it otherwise; what still holds is
        raised at the new bed."""
        for table, slot in device.slots():
            row = table.row(slot)
            if row.rule.kind is Kind.PHYSIOLOGICAL or row.rule.scope == "bed":
                last = row.last_finding
                if row.rule.scope == "bed" and row.rule.fresh_on_move:
                    table.reset(slot)
                else:
                    table.end_episode(slot)
                if last:
                    yield ForcedEnd(last, EndReason.DISCHARGED, now)

    def _update_rows(self, device: DeviceState, now: Micros, gone: EndReason) -> Iterator[ForcedEnd]:
        """Give a device the rows that its rules ask for. A row starts again when thresholds or parameters of its rule
        changed; all others keep their state. `gone` is why a rule holds no longer: the device is where it was, or has
        moved."""
        have = {(table.row(s).rule.name, table.row(s).signal): (table, s) for table, s in device.slots()}
        for rule, signal in self._asked(device):
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

    def _asked(self, device: DeviceState) -> Iterator[tuple[Rule, str]]:
        """The rules about a device, its series and vectors of them, each with the signal of its row."""
        for signal in ("", *device.series):
            for rule in self._rules_about(device, signal):
                yield rule, signal
        if device.cohort:
            return
        vectors = {id(rule): rule for signal in device.series for rule in self._vector_rules.get(signal, ())}
        for rule in vectors.values():
            yield rule, rule.alert_signals[0]

    def _keep(self, table: DetectorTable, slot: int, device: DeviceState, rule: Rule, resolved: ResolvedRule) -> bool:
        """Whether a row may stay; if so it takes the rule as it is now."""
        series = self._facts(device, rule, table.row(slot).signal)
        same = table is self.table(rule, resolved) and table.row(slot).digest == table.digest(resolved, rule)
        row = table.row(slot)
        expected = isinstance(series, SeriesInfo) and series.expected
        lost = bool(row.expected) and not expected  # the config no longer expects it: not missing any more
        if not same or (table.detector.feed == "ticks" and (lost or expected is False)):
            if lost and row.signal:
                self._devices.forget_series(device, row.signal)
            return False
        table.update_rule(slot, rule, resolved, series)
        row.expected = bool(expected)
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
        for rule in self._rules_about(device, signal):
            resolved = rule.resolve(device.name, device.place)
            if resolved is not None:
                self._add_row(device, signal, rule, resolved)

    def _rules_about(self, device: DeviceState, signal: str) -> Sequence[Rule]:
        """The rules about a series of a device, or about a member of a cohort."""
        if not device.cohort:
            return self._rules.get(signal, ())
        rule = self._cohort_rules.get(device.cohort.rule) if signal else None
        return () if rule is None or device.cohort.signal not in rule.signals else (rule,)

    def _add_row(self, device: DeviceState, signal: str, rule: Rule, resolved: ResolvedRule) -> None:
        series, table = self._facts(device, rule, signal), self.table(rule, resolved)
        about = series if isinstance(series, SeriesInfo) else None
        if about and about.expected is False and table.detector.feed == "ticks":
            return
        row = RuleRow(
            rule=rule, resolved=resolved, device=device.name, signal=signal,
            series_number=device.series.get(signal, -1) if about else -1, device_number=device.number,
            digest=table.digest(resolved, rule), stale_after=_stale_after(table, rule, resolved, about),
            expected=bool(about and about.expected),
        )  # fmt: skip
        device.rows.setdefault(table, []).append(slot := table.add(row, series))
        if not about:
            self._bind(device, table, slot, rule)

    def _add_to_vectors(self, device: DeviceState, signal: str) -> None:
        """A new series is a part of the vectors that rules ask for."""
        for rule in self._vector_rules.get(signal, ()):
            resolved = rule.resolve(device.name, device.place)
            if resolved is None:
                continue
            table = self.table(rule, resolved)
            slot = next((s for s in device.rows.get(table, ()) if table.row(s).rule.name == rule.name), None)
            if slot is None:
                self._add_row(device, rule.alert_signals[0], rule, resolved)
            else:
                self._bind(device, table, slot, rule)

    def _bind(self, device: DeviceState, table: DetectorTable, slot: int, rule: Rule) -> None:
        """Connect the parts of a vector to the series that the device has."""
        assert isinstance(table, VectorTable)
        for part, signal in enumerate(rule.parts):
            if signal in device.series:
                table.bind(slot, part, device.series[signal])

    def _facts(self, device: DeviceState, rule: Rule, signal: str) -> SeriesInfo | Parts:
        """What is known of the series of a rule, or of each part of its vector."""
        if not rule.parts:
            return self._series_info(device, signal)
        return tuple(self._series_info(device, part) for part in rule.parts)

    def _series_info(self, device: DeviceState, signal: str) -> SeriesInfo:
        """What catalogue and inventory say of a series."""
        inventory, name = self.config.inventory, device.cohort.signal if device.cohort else signal_of(signal)
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


def _stale_after(table: DetectorTable, rule: Rule, resolved: ResolvedRule, series: SeriesInfo | None) -> float:
    """An hour, 3 windows or 20 periods, whichever is longest. Never for a detector with ticks, which evaluates the
    time without values itself; and never for a physiological rule: a lost signal does not mean that the patient
    recovered."""
    if rule.kind is Kind.PHYSIOLOGICAL or table.detector.needs_ticks:
        return float("inf")
    return max(STALE_AFTER, 3 * (resolved.decision.every or 0.0), 20 * ((series and series.period) or 0.0))


def _series_of(rule: Rule) -> Sequence[str]:
    """The series that a rule is about, by name; the empty name is the device as a whole."""
    if not rule.signals:
        return [""]
    if Detector.registry[rule.detector].feed != "events":
        return rule.signals
    return [name if name in DERIVED_SIGNALS else f"{IMPLAUSIBLE_PREFIX}{name}" for name in rule.signals]
