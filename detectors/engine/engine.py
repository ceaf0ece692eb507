"""The engine: readings in, findings out. It reads no clock, does no input or output, and keeps nothing that
a checkpoint does not have."""

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter

import numpy as np

from detectors.base import registry
from detectors.base.columns import Floats, Ints
from detectors.beds.source_choice import SourceChoice
from detectors.engine.cohort_windows import CohortWindows
from detectors.engine.device_columns import DeviceColumns
from detectors.engine.devices import Devices, DeviceState
from detectors.engine.finding_builder import FindingBuilder
from detectors.engine.forwarding import Forwarding
from detectors.engine.new_devices import NewDevices
from detectors.engine.newer_values import NewerValues
from detectors.engine.quiet_time import QuietTime
from detectors.engine.reading_indexer import IndexingEffects, ReadingIndexer
from detectors.engine.result import EngineResult
from detectors.engine.rule_assignment import ForcedEnd, RuleAssignment
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.level_change import LevelChange
from detectors.engine.time_advance import AHEAD, Change, TimeAdvance
from detectors.engine.waves.block import Block
from detectors.engine.waves.cut import cut, one_reading
from detectors.engine.waves.indexed_readings import IndexedReadings
from detectors.engine.waves.split import split
from detectors.engine.waves.wave import Wave
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.rule import Scope
from ward.finding import EndReason, Finding, Kind, Transition
from ward.reading import Reading

# A step back of more seconds is a clock that was set back; a smaller one comes from two bridges whose clocks differ.
SET_BACK = 5.0
# Fewer readings are evaluated one by one: a block has a fixed cost.
SHORTEST_BLOCK = 10


class Engine:
    """Evaluates all rules of a config, for all devices.

    `partition` returns the partition of the log that a device's readings are in; without partitions, any number.
    With `updates` there are also findings with the newest and the worst value of each open episode, at most every 10 s.
    With a `scope` only rules of that scope are evaluated, without one all but those about cohorts: these need the
    engine of devices, which makes the means of their windows, and that of beds, which compares them. One of devices
    collects what those of beds need; one of beds has `sources`, which choose among the devices that measure one signal
    of a patient, and its caller asks them.
    """

    def __init__(
        self, config: Config, partition: Callable[[str], int] = lambda _: 0, *, updates: bool = False,
        scope: Scope | None = None,
    ) -> None:  # fmt: skip
        registry.discover()
        self.devices = Devices()
        self.rules = RuleAssignment(config, self.devices, updates, scope)
        self.time = TimeAdvance(self.devices, self.rules)
        self.new_devices = NewDevices(self.devices, self.rules, self.time, partition)
        self.quiet = QuietTime(self.devices, self.rules)
        self.indexer = ReadingIndexer(self.devices, self.rules, self.time, self.new_devices)
        self._findings = FindingBuilder(config)
        self._forwarding = Forwarding(self.devices, self.rules, config) if scope == "device" else None
        self._cohorts = CohortWindows(self.devices, self.rules)
        self.sources = SourceChoice() if scope == "bed" else None
        self._newer = NewerValues(self.devices, self._forwarding.beds if self._forwarding else None)

    def evaluate(self, readings: Iterable[Reading]) -> EngineResult:
        """Evaluate readings in the order of the log. Each is taken once, and not kept."""
        with np.errstate(all="ignore"):
            return self._evaluate_batch(*self.indexer.index(readings))

    def evaluate_columns(self, columns: Sequence[DeviceColumns], readings: Iterable[Reading] = ()) -> EngineResult:
        """Evaluate readings of the past: those of some devices in columns (`indexer.takes_columns`), those of others as
        they are, in the order of their times. The findings are those of `evaluate` with all of them."""
        with np.errstate(all="ignore"):
            return self._evaluate_batch(*self.indexer.index_columns(columns, readings))

    def _evaluate_batch(self, batch: IndexedReadings, effects: IndexingEffects) -> EngineResult:
        result = EngineResult()
        if len(batch):
            result.received_at = batch.received[0]
            result.first_readings = self._first_readings(batch)
            result.out_of_order += effects.left_out
            self._add(effects.ended, (), result)
            blocks, others = split(batch, self.quiet.busy())
            for wave in cut(batch, others):
                self.evaluate_wave(wave, batch.received, result)
            for block in blocks:
                self._evaluate_block(block, batch, result)
            if self._forwarding:
                result.bed_readings = self._forwarding.readings(batch)
        return result

    def evaluate_wave(self, wave: Wave, received: Sequence[Micros], result: EngineResult) -> None:
        """Evaluate one wave of a batch, whose readings the bridge received at `received`."""
        self._tick_before(wave, result)
        self._note_seen(wave)
        newer = self._newer.of_wave(wave, result)
        if len(newer.series):
            for table in self.rules.tables.values():
                if table.detector.feed != "ticks":
                    self._evaluate(table, newer, received, result)

    def _evaluate_block(self, block: Block, batch: IndexedReadings, result: EngineResult) -> None:
        """Evaluate the readings of one device: as waves of one reading where time alone may change something before
        them, and all others at once."""
        at = 0
        while at < len(block):
            self.evaluate_wave(one_reading(batch, int(block.origin[at])), batch.received, result)
            until = self.quiet.until(block, at + 1)
            quiet = block.part(at + 1, until)
            if len(quiet) >= SHORTEST_BLOCK:
                self._evaluate_quiet(quiet, batch.received, result)
            else:
                for origin in quiet.origin.tolist():
                    self.evaluate_wave(one_reading(batch, origin), batch.received, result)
            at = until

    def _evaluate_quiet(self, block: Block, received: Sequence[Micros], result: EngineResult) -> None:
        """Evaluate readings before which no tick has an effect."""
        columns, device = self.devices.columns, block.device
        columns.last_seen[device] = block.received_at[-1]
        columns.count[device] += len(block)
        if columns.tick_after_reading[device]:
            columns.next_tick[device] = columns.tick_after_reading[device] = 0.0
        newer = self._newer.of_block(block, result)
        changes: list[LevelChange] = []
        for table in self.rules.tables.values():
            if table.detector.feed != "ticks" and newer.series:
                changes += table.evaluate_block(newer)
                self._note_evaluated(table, result)
        self._add(sorted(changes, key=attrgetter("origin")), received, result)

    def advance(
        self, to: Micros, partitions: Collection[int] | None = None, behind: Collection[str] = ()
    ) -> EngineResult:
        """Advance the watermark to `to` for all devices, or for those of some partitions, except those that are
        `behind`. All readings of these devices that the bridge received until then must have been evaluated."""
        result = EngineResult()
        columns, end = self.devices.columns, np.floor(to / SECOND)
        ready = columns.next_tick[: columns.size] <= end + AHEAD
        if partitions is not None:
            ready &= np.isin(columns.partition[: columns.size], list(partitions))
        ready[[self.devices.by_name[name].number for name in behind if name in self.devices.by_name]] = False
        devices = np.flatnonzero(ready)
        with np.errstate(all="ignore"):
            for cohort, changes in self._cohorts.close(float(end), partitions, behind):
                self._add(changes, (), result)
                result.changed.add(cohort)
            self._tick(devices, np.full(len(devices), end), result)
        return result

    def add_expected(self, names: Iterable[str], now: Micros) -> list[str]:
        """Report devices of the inventory as missing when they send nothing from `now` on. Returns those that are
        new."""
        new = [name for name in names if name not in self.devices.by_name]
        for name in new:
            self.new_devices.add(name, now)
        return new

    def configure(self, config: Config, now: Micros) -> EngineResult:
        """Take a new config. Only rows whose thresholds or parameters changed start again."""
        result = EngineResult()
        self.rules.configure(config)
        if self._forwarding:
            self._forwarding.configure(config)
        self._findings = FindingBuilder(config)
        for device in list(self.devices.by_name.values()):
            if device.place.known or device.name in config.inventory.devices:
                self.rules.add_expected_series(device)
            self._add(list(self.rules.relocate(device, self.watermark(device), now)), (), result)
            self.new_devices.expect_from(device, now)
            result.changed.add(device.name)
        return result

    def end_episodes(self, endings: Iterable[ForcedEnd]) -> list[Finding]:
        """The findings of forced ends."""
        return [self._findings.end(ending) for ending in endings]

    def forget(self, names: Iterable[str]) -> None:
        """Drop all that is known of devices: another worker has them now, or they are gone."""
        for name in names:
            device = self.devices.by_name[name]
            for table, slot in device.slots():
                table.remove(slot)
            self.devices.remove(device)
        if self.sources:
            self.sources.forget(names)

    def forget_oldest(self, most: int, now: Micros) -> tuple[list[str], list[Finding]]:
        """Forget unregistered devices where there are more than `most`. Returns their names, and the ends of their
        technical episodes; an episode of a patient does not end because its device is forgotten."""
        devices = self.devices.oldest_unregistered(most)
        endings = [
            ForcedEnd(row.last_finding, EndReason.SIGNAL_LOST, now)
            for device in devices
            for _, _, row in device.open
            if row.last_finding and row.rule.kind is Kind.TECHNICAL
        ]
        names = [device.name for device in devices]
        self.forget(names)
        return names, self.end_episodes(endings)

    def forgettable(self) -> list[str]:
        """Unregistered devices that have sent nothing for so long that they may be forgotten."""
        return [name for name, device in self.devices.by_name.items() if self.time.forgettable(device)]

    def watermark(self, device: DeviceState) -> Micros:
        """The second up to which a device has been evaluated."""
        return round(float(self.devices.columns.watermark(np.array([device.number]))[0])) * SECOND

    def _first_readings(self, batch: IndexedReadings) -> list[tuple[DeviceState, int]]:
        first = np.sort(batch.by_device[batch.runs[:-1]])
        return list(zip(self.devices.of(batch.devices[first]), first.tolist(), strict=True))

    def _tick_before(self, wave: Wave, result: EngineResult) -> None:
        """Before a reading is evaluated, the watermark of its device advances to when the bridge received it."""
        columns, devices, received_at = self.devices.columns, wave.devices, wave.received_at
        back = received_at < columns.last_seen[wave.device_slice] - SET_BACK
        if back.any():
            self.time.clock_set_back(devices[back], received_at[back])
        due = columns.next_tick[wave.device_slice]
        if (due <= received_at).any():
            soon = due <= received_at + AHEAD
            self._tick(devices[soon], received_at[soon], result)

    def _note_seen(self, wave: Wave) -> None:
        columns, series, devices = self.devices.columns, self.devices.series, wave.device_slice
        if wave.status_only is None or not len(wave.status_only):
            columns.last_seen[devices] = wave.received_at
            columns.count[devices] += 1
        else:
            self._note_status(wave, wave.status_only)
        series.last_seen[wave.series_slice] = wave.received_at[wave.reading]
        series.count[wave.series_slice] += 1
        tick = columns.tick_after_reading[devices]
        if tick.any():
            columns.next_tick[wave.devices[tick > 0]] = 0.0

    def _note_status(self, wave: Wave, status_only: Ints) -> None:
        """A wave with status messages. The broker may send them for a device that is away: they do not show that it is
        connected, but its watermark advances."""
        columns, own = self.devices.columns, np.ones(len(wave.devices), dtype=np.bool_)
        own[status_only] = False
        columns.last_seen[wave.devices[own]] = wave.received_at[own]
        columns.count[wave.devices[own]] += 1
        devices, received_at = wave.devices[status_only], wave.received_at[status_only]
        columns.tick_watermark[devices] = np.maximum(columns.tick_watermark[devices], np.floor(received_at))
        # An unregistered device with nothing but a status is forgotten as if it had sent its last reading now; its
        # first reading is still to come.
        new = np.isneginf(columns.last_seen[devices])
        columns.last_seen[devices[new]], columns.first_seen[devices[new]] = received_at[new], np.inf

    def _evaluate(self, table: DetectorTable, wave: Wave, received: Sequence[Micros], result: EngineResult) -> None:
        changes = table.evaluate(wave)
        if changes:
            self._add(changes, received, result)
        self._note_evaluated(table, result)

    def _note_evaluated(self, table: DetectorTable, result: EngineResult) -> None:
        if table.detector.needs_ticks and len(table.decided):
            self.devices.columns.next_tick[table.device_numbers[table.decided]] = 0.0
        self._add_failure(table, result)

    def _tick(self, devices: Ints, end: Floats, result: EngineResult) -> None:
        self._add(self.time.advance(devices, end), (), result)
        for table in self.rules.tables.values():
            self._add_failure(table, result)

    def _add_failure(self, table: DetectorTable, result: EngineResult) -> None:
        if table.failure is not None:
            result.failures[table.detector.name] = table.failure
            table.failure = None

    def _add(self, changes: Iterable[Change], received: Sequence[Micros], result: EngineResult) -> None:
        """Add the findings of changes to a result."""
        for change in changes:
            if isinstance(change, ForcedEnd):
                result.findings.append(self._findings.end(change))
                result.changed.add(change.last_finding.about)
            else:
                self._add_level_change(change, received, result)

    def _add_level_change(self, change: LevelChange, received: Sequence[Micros], result: EngineResult) -> None:
        row = change.row
        device = self.devices.by_name[row.device]
        decided = change.received_at if change.idle is None else float(change.idle.now[0])
        received_at = received[change.origin] if decided is None else round(decided * SECOND)
        finding = self._findings.build(change, device, received_at, result.failures)
        table = self.rules.table(row.rule, row.resolved)
        table.note_finding(change.slot, finding if change.after else None)
        result.changed.add(row.device)
        if change.after and finding.transition is not Transition.UPDATED:
            self.time.note_open(device, table, change.slot)
        result.findings.append(finding)
