"""Decodes a payload as the bridge does: with the bridge's own intake and a log in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.console.table import align_columns
from app.devices.payload_advice import FLAGS, remedy
from bridge.codec_routing import matches
from bridge.intake import Intake
from ward.action import Action
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, Clock, Micros, format_instant, format_span
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.config.files import read_documents
from ward.config.live_config import FixedConfig
from ward.config.yaml.document import Document
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable
from ward.metrics import Metrics
from ward.reading import Flag, Reading
from ward.topics import ACTIONS, QUARANTINE, READINGS
from ward.wire import ACTION_WIRE, QUARANTINED_WIRE, READING_WIRE, QuarantinedMessage

Line = tuple[str, str]
MOST_SHOWN = 20


@dataclass(frozen=True)
class TrialResult:
    """The result for one message: its readings, what a person observed, what of it was refused and why, and the number
    of duplicates."""

    topic: str
    readings: Sequence[Reading]
    observed: Sequence[Action]
    refused: QuarantinedMessage | None
    repeats: int

    @property
    def accepted(self) -> bool:
        return self.refused is None


class PayloadTrial:
    """An intake without real engines. It keeps its state from one message to the next, as the real one does."""

    def __init__(self, config: Config, directory: Path, clock: Clock) -> None:
        self._config, self._clock, self._directory = config, clock, directory
        self._broker, self._log, self._metrics = MemoryBroker(), MemoryLog(partitions=1), Metrics()
        self._intake = Intake(self._broker, self._log, FixedConfig(config), clock, self._metrics)
        self._seen = {READINGS: 0, ACTIONS: 0, QUARANTINE: 0}
        found = read_documents(directory, FaultCollector())
        self._bridge = found.get("bridge.yaml")

    def topics(self) -> list[str]:
        """A topic for each line of `topics`, its wildcards replaced by `any`."""
        return [rule.filter.replace("+", "any").replace("#", "any") for rule in self._config.codecs]

    def decode(self, topic: str, payload: bytes) -> TrialResult:
        """Give a message to the intake. Returns its readings or its refusal."""
        before = self._repeats()
        self._broker.deliver(topic, payload)
        self._intake.step(0)
        readings = [r for value in self._new(READINGS) if isinstance(r := READING_WIRE.decode(value), Reading)]
        refused = [QUARANTINED_WIRE.decode(value) for value in self._new(QUARANTINE)]
        observed = [ACTION_WIRE.decode(value) for value in self._new(ACTIONS)]
        repeats = round(self._repeats() - before)
        return TrialResult(topic, readings, observed, refused[0] if refused else None, repeats)

    def lines(self, result: TrialResult) -> list[str]:
        """The result as aligned lines."""
        return [printable(line, 500) for line in align_columns([list(line) for line in self._lines(result)])]

    def data(self, result: TrialResult) -> dict[str, Any]:
        """The result as JSON data; times in RFC 3339."""
        rule, refused = self._rule(result.topic), result.refused
        return {
            "topic": result.topic, "accepted": result.accepted, "duplicates": result.repeats,
            "codec": None if rule is None else rule.mapping.name if rule.mapping else rule.codec,
            "place": self._place(rule), "readings": [self._reading_data(reading) for reading in result.readings],
            "observations": [self._observed_data(action) for action in result.observed],
            "refused": None if refused is None else {
                "reason": str(refused.reason), "detail": refused.detail, "to_do": remedy(refused.reason, rule),
            },
        }  # fmt: skip

    def _reading_data(self, reading: Reading) -> dict[str, Any]:
        where = self._config.inventory.place(reading.device, reading.at, reading.ward, reading.device_kind)
        return {
            "device": reading.device, "known": where.known, "ward": where.ward, "bed": where.bed,
            "device_kind": where.device_kind, "at": format_instant(reading.at), "boot": reading.boot,
            "seq": reading.seq if reading.boot else None, "lost": reading.lost,
            "values": dict(reading.values), "implausible": dict(reading.implausible),
            "units": {name: s.unit for name in reading.values if (s := self._config.catalogue.get(name))},
            "flags": [str(flag.name).lower() for flag in Flag if reading.flags & flag],
        }  # fmt: skip

    def _lines(self, result: TrialResult) -> Iterator[Line]:
        rule = self._rule(result.topic)
        yield "topic", result.topic
        if rule is not None:
            yield "codec", f"{rule.mapping.name if rule.mapping else rule.codec} ({self._place(rule)})"
        if result.repeats:
            yield "duplicate", f"{result.repeats} of its readings arrived before"
        elif not (result.readings or result.observed) and result.refused is None:
            yield "nothing", "the message has no reading, or is not for the bridge"
        for reading in result.readings[:MOST_SHOWN]:
            yield from self._reading(reading)
        for action in result.observed:
            yield from self._observed(action)
        if len(result.readings) > MOST_SHOWN:
            yield "…", f"{len(result.readings) - MOST_SHOWN} more readings"
        if result.refused is not None:
            yield "refused", f"{result.refused.reason}: {result.refused.detail}"
            yield "to do", f"{self._place(rule)}: {remedy(result.refused.reason, rule)}"

    def _reading(self, reading: Reading) -> Iterator[Line]:
        where = self._config.inventory.place(reading.device, reading.at, reading.ward, reading.device_kind)
        yield "device", reading.device
        if not where.known:
            text = f"unassigned, in ward {where.ward}" if where.ward else "unassigned"
            yield "place", f"{text}: {self._file('ward.yaml')} has no device '{reading.device}'"
        else:
            yield (
                "place",
                f"ward {where.ward}, {'bed ' + where.bed if where.bed else 'at no bed'} ({where.device_kind})",
            )
        yield "time", self._time(reading)
        if reading.boot:
            yield "number", f"{reading.seq} of boot {reading.boot}"
        for name, value in reading.values.items():
            yield "value", self._value(name, value)
        for name, value in reading.implausible.items():
            yield "implausible", f"{self._value(name, value)}: not plausible, stored separately and not evaluated"
        if not reading.values and not reading.implausible:
            yield "value", "none: the device is online and measures nothing"
        if reading.lost:
            yield "lost", f"{reading.lost} readings before it are missing"
        for flag in Flag:
            if reading.flags & flag:
                yield "flag", f"{str(flag.name).lower()}: {FLAGS[flag]}"

    def _observed(self, action: Action) -> Iterator[Line]:
        observed = action.observation
        assert observed is not None
        yield "observed", f"by {action.by} at {format_instant(observed.at)}"
        yield (
            "place",
            f"bed {observed.bed}, {f'patient {observed.patient}' if observed.patient else 'patient not known'}",
        )
        for name, value in observed.values.items():
            yield "value", self._value(name, value)

    @staticmethod
    def _observed_data(action: Action) -> dict[str, Any]:
        observed = action.observation
        assert observed is not None
        return {
            "by": action.by, "bed": observed.bed, "patient": observed.patient, "at": format_instant(observed.at),
            "values": dict(observed.values),
        }  # fmt: skip

    def _time(self, reading: Reading) -> str:
        device_time = (
            "" if reading.device_time is None else f"; the device's clock says {_instant(reading.device_time)}"
        )
        ago = (self._clock.now() - reading.at) / SECOND
        return f"{format_instant(reading.at)}, {format_span(ago)} ago{device_time}"

    def _value(self, name: str, value: float) -> str:
        if name not in self._config.catalogue:
            file = self._file("signals.yaml")
            return f"{name} {value:g}: not in {file}, stored as telemetry and not evaluated"
        signal = self._config.catalogue[name]
        return f"{name} {signal.show(value)} {signal.display}".rstrip()

    def _rule(self, topic: str) -> CodecRule | None:
        levels = topic.split("/")
        return next((rule for rule in self._config.codecs if matches(rule.filter.split("/"), levels)), None)

    def _place(self, rule: CodecRule | None) -> str:
        """Where to correct the config: the mapping, else the line of the topic, else `topics`."""
        if self._bridge is None:
            return self._file("bridge.yaml")
        return f"{self._bridge.file}:{':'.join(map(str, _place(self._bridge, rule)))}"

    def _file(self, name: str) -> str:
        return (self._directory / name).as_posix()

    def _new(self, topic: str) -> list[bytes]:
        values = [value for p in self._log.partitions(topic) for batch in self._log.scan(p) for value in batch.values]
        fresh, self._seen[topic] = values[self._seen[topic] :], len(values)
        return fresh

    def _repeats(self) -> float:
        return self._metrics.samples()["wardwatch_bridge_readings_duplicate_total"]


def _place(bridge: Document, rule: CodecRule | None) -> tuple[int, int]:
    if rule is None:
        return bridge.place(("topics",), key=True)
    return bridge.place(("mappings", rule.mapping.name) if rule.mapping else ("topics", rule.filter), key=True)


def _instant(at: Micros) -> str:
    try:
        return format_instant(at)
    except OverflowError:
        return "a time outside the range of dates"
