"""The engine: readings in, findings out. It is told the time, does no input or output, and forgets nothing
that a checkpoint does not keep."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from detectors.base import registry
from detectors.base.detector import Floats, Ints
from detectors.engine.devices import Device, Devices
from detectors.engine.finding_builder import FindingBuilder
from detectors.engine.rule_assignment import ForcedEnd, RuleAssignment, slots
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.time_advance import AHEAD, Happening, TimeAdvance
from detectors.engine.waves.wave_builder import MOST, Wave, WaveBuilder
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Finding
from ward.reading import Reading

# A bridge whose clock goes back by more than this was set back; by less, two bridges differ.
SET_BACK = 5.0


@dataclass(slots=True)
class EngineResult:
    """What came of something: findings in order, the devices whose state changed other than by a reading, how
    many values came too late or were too large to be judged, and which detectors failed."""

    findings: list[Finding] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    late: int = 0
    unusable: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)


class Engine:
    """All banks, and the series they watch.

    `group` tells of a device which partition it is in; any number will do where that is of no use.
    """

    def __init__(self, config: Config, group: Callable[[str], int] = lambda _: 0) -> None:
        registry.discover()
        self.devices = Devices()
        self.roster = RuleAssignment(config, self.devices)
        self.passing = TimeAdvance(self.devices, self.roster)
        self.cutter = WaveBuilder(self.devices, self._meet, self._learn, self.roster.since)
        self._group = group
        self._teller = FindingBuilder(config)
        self._now = EngineResult()

    def judge(self, readings: Sequence[Reading]) -> EngineResult:
        """Take readings in the order of the log."""
        out = self._now = EngineResult()
        with np.errstate(all="ignore"):
            for wave in self.cutter.cut(readings):
                self.take(wave, readings)
        out.late += self.cutter.outdated
        return out

    def take(self, wave: Wave, readings: Sequence[Reading]) -> None:
        """One wave of a batch of readings."""
        self._live(wave)
        self._hear(wave)
        fresh = self._fresh(wave)
        if len(fresh.series):
            for bank in self.roster.banks.values():
                if bank.detector.feed != "silence":
                    self._ask(bank, fresh, readings)

    def advance(self, to: Micros, groups: Iterable[int] | None = None) -> EngineResult:
        """Let time pass up to `to` for all devices, or those of some groups. Only right when all that came
        until then has been judged."""
        out = self._now = EngineResult()
        columns, end = self.devices.columns, np.floor(to / SECOND)
        ready = columns.due[: columns.size] <= end + AHEAD
        if groups is not None:
            ready &= np.isin(columns.group[: columns.size], list(groups))
        devices = np.flatnonzero(ready)
        with np.errstate(all="ignore"):
            self._pass(devices, np.full(len(devices), end))
        return out

    def expect(self, names: Iterable[str], now: Micros) -> list[str]:
        """Begin to miss devices of the inventory. Returns those that were not known before."""
        new = [name for name in names if name not in self.devices.by_name]
        for name in new:
            self.enrol(name, now)
        return new

    def enrol(self, name: str, now: Micros, ward: str = "", device_kind: str = "", attached: str = "") -> Device:
        """A device that is new here, with the rows that are for it as a whole and for what is expected of it."""
        device = self.devices.meet(name, self._group(name))
        device.ward, device.device_kind, device.attached = ward, device_kind, attached
        self.devices.columns.ticked[device.number] = now // SECOND
        self.roster.enter(device, now // SECOND * SECOND)
        self._miss(device, now)
        return device

    def configure(self, config: Config, now: Micros) -> EngineResult:
        """Take a new config. Only rows whose rule is another one, or asks something else, start afresh."""
        out = self._now = EngineResult()
        self.roster.configure(config)
        self._teller = FindingBuilder(config)
        for device in list(self.devices.by_name.values()):
            if device.place.known or device.name in config.inventory.devices:
                self.roster.expect(device)
            self._happen(list(self.roster.reseat(device, self.lived(device), now)), ())
            self._miss(device, now)
            out.changed.add(device.name)
        return out

    def end(self, endings: Iterable[ForcedEnd]) -> list[Finding]:
        """The findings of some endings."""
        return [self._teller.end(ending) for ending in endings]

    def forget(self, names: Iterable[str]) -> None:
        """Drop all that is known of devices: somebody else has them now, or they are gone."""
        for name in names:
            device = self.devices.by_name[name]
            for bank, slot in slots(device):
                bank.drop(slot)
            self.devices.forget(device)

    def gone(self) -> list[str]:
        """Strangers that have been away for so long that they may be forgotten."""
        return [name for name, device in self.devices.by_name.items() if self.passing.forgotten(device)]

    def lived(self, device: Device) -> Micros:
        """Up to when a device has lived."""
        return round(float(self.devices.columns.lived(np.array([device.number]))[0])) * SECOND

    def _miss(self, device: Device, now: Micros) -> None:
        """What the inventory expects and never came is missed from now on."""
        if not device.stranger:
            numbers = list(device.series.values())
            for table, of in ((self.devices.series, numbers), (self.devices.columns, [device.number])):
                never = np.array(of)[np.isneginf(table.heard[of])]
                table.heard[never] = table.first[never] = now / SECOND
        self.passing.wake(device.number)

    def _live(self, wave: Wave) -> None:
        """Before a reading is judged, its device's time passes up to when it was seen."""
        columns, devices, seen = self.devices.columns, wave.devices, wave.seen
        back = seen < columns.heard[wave.run] - SET_BACK
        if back.any():
            self.passing.back(devices[back], seen[back])
        due = columns.due[wave.run]
        if (due <= seen).any():
            soon = due <= seen + AHEAD
            self._pass(devices[soon], seen[soon])

    def _hear(self, wave: Wave) -> None:
        columns, series, run = self.devices.columns, self.devices.series, wave.run
        if wave.hearsay is None or not len(wave.hearsay):
            columns.heard[run] = wave.seen
            columns.count[run] += 1
        else:
            self._hear_of(wave, wave.hearsay)
        series.heard[wave.span] = wave.seen[wave.reading]
        series.count[wave.span] += 1
        restless = columns.restless[run]
        if restless.any():
            columns.due[wave.devices[restless > 0]] = 0.0

    def _hear_of(self, wave: Wave, hearsay: Ints) -> None:
        """A wave in which the broker spoke for some devices: those were not heard, but their time has passed so far."""
        columns, spoke = self.devices.columns, np.ones(len(wave.devices), dtype=np.bool_)
        spoke[hearsay] = False
        columns.heard[wave.devices[spoke]] = wave.seen[spoke]
        columns.count[wave.devices[spoke]] += 1
        devices, seen = wave.devices[hearsay], wave.seen[hearsay]
        columns.ticked[devices] = np.maximum(columns.ticked[devices], np.floor(seen))
        # A stranger of whom nothing else is known is forgotten like one that fell silent now, and regular from its
        # own first reading on.
        new = np.isneginf(columns.heard[devices])
        columns.heard[devices[new]], columns.first[devices[new]] = seen[new], np.inf

    def _fresh(self, wave: Wave) -> Wave:
        """The wave without values older than one judged before; the others are the newest now."""
        last, x = self.devices.series.last, wave.x
        newer = wave.t > last[wave.span]
        if not (newer.all() and (not len(x) or (x.max() < MOST and x.min() > -MOST))):
            good = newer & (np.abs(x) < MOST)
            self._now.late += int((~newer).sum())
            self._now.unusable += int((newer & ~good).sum())
            wave = wave.only(np.flatnonzero(good))
        last[wave.span] = wave.t
        return wave

    def _ask(self, bank: DetectorTable, wave: Wave, readings: Sequence[Reading]) -> None:
        moves = bank.judge(wave)
        if moves:
            self._happen(moves, readings)
        if bank.detector.ticks and len(bank.stirred):
            self.devices.columns.due[bank.owner[bank.stirred]] = 0.0
        self._note(bank)

    def _note(self, bank: DetectorTable) -> None:
        if bank.failure is not None:
            self._now.failures[bank.detector.kind] = bank.failure
            bank.failure = None

    def _pass(self, devices: Ints, end: Floats) -> None:
        self._happen(self.passing.until(devices, end), ())
        for bank in self.roster.banks.values():
            self._note(bank)

    def _happen(self, happenings: Iterable[Happening], readings: Sequence[Reading]) -> None:
        for happening in happenings:
            if isinstance(happening, ForcedEnd):
                self._now.findings.append(self._teller.end(happening))
                self._now.changed.add(happening.told.device)
                continue
            row, pulse = happening.row, happening.pulse
            device = self.devices.by_name[row.device]
            seen = readings[happening.origin].seen if pulse is None else round(pulse.now[0] * SECOND)
            finding = self._teller.tell(happening, device, seen)
            row.told = finding if happening.after else None
            if row.told:
                self.passing.follow(device, happening.bank, happening.slot)
            self._now.findings.append(finding)
            self._now.changed.add(row.device)
        while self._teller.failures:
            kind, failure = self._teller.failures.popitem()
            self._now.failures[kind] = failure

    def _meet(self, reading: Reading) -> Device:
        """A device that is new, or in no inventory: then what it says of itself counts."""
        device = self.devices.by_name.get(reading.device)
        if device is None:
            return self.enrol(reading.device, reading.seen, reading.ward, reading.device_kind, reading.attached)
        said = (
            reading.ward or device.ward,
            reading.device_kind or device.device_kind,
            reading.attached or device.attached,
        )
        if said != (device.ward, device.device_kind, device.attached):
            device.ward, device.device_kind, device.attached = said
            self._happen(list(self.roster.reseat(device, reading.seen, reading.seen)), ())
        return device

    def _learn(self, device: Device, signals: tuple[str, ...], seen: Micros) -> int:
        for signal in signals:
            self.roster.watch(device, signal)
        self.devices.begin(device, signals, seen / SECOND)
        self.passing.wake(device.number)
        return self.devices.pattern(device, signals)
