"""The newest value of each signal of each device."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.canary import is_canary
from ward.clock import Micros
from ward.reading import Flag, Reading

_UNKNOWN_AGE = Flag.RETAINED | Flag.UNTIMED


class Value(NamedTuple):
    """A value and its instant. Its age counts from `aged`: the bridge's time where the device's clock runs wrong.

    `came` is when it came to us, by the clock nobody can set.
    """

    at: Micros
    aged: Micros
    value: float
    came: float


@dataclass(slots=True)
class Held:
    """What is known of one device: values by signal, and implausible ones apart from them.

    `heard` is when it was last heard itself: what the broker says for it (its last will) is in `seen` only.
    """

    device: str
    ward: str = ""
    device_kind: str = ""
    attached: str = ""
    seen: Micros = 0
    heard: Micros = 0
    values: dict[str, Value] = field(default_factory=dict)
    doubts: dict[str, Value] = field(default_factory=dict)


class LatestValues:
    """Devices by id. `most` bounds them: the strangers longest unheard of go first, and are counted."""

    def __init__(self, known: Callable[[str], bool], most: int = 20_000) -> None:
        self._known = known
        self._most = most
        self._held: dict[str, Held] = {}
        self.forgotten = 0
        self.newest: Micros = 0
        self.came = float("-inf")

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def get(self, device: str) -> Held | None:
        """What is known of a device; None where nothing has come from it."""
        return self._held.get(device)

    def take(self, reading: Reading, came: float) -> None:
        """Fold a reading in. A retained one without a time could be years old: it is no news of anybody."""
        if reading.flags & _UNKNOWN_AGE == _UNKNOWN_AGE or is_canary(reading.ward, reading.values):
            return
        held = self._of(reading.device)
        if reading.flags & Flag.STATUS == 0:
            self.newest, self.came = max(self.newest, reading.seen), came
            held.heard = max(held.heard, reading.seen)
        if reading.seen >= held.seen:
            held.seen, held.ward = reading.seen, reading.ward
            held.device_kind, held.attached = reading.device_kind, reading.attached
        aged = reading.seen if reading.flags & Flag.CLOCK_SKEWED else reading.at
        for name, number in reading.values.items():
            _put(held.values, name, Value(reading.at, aged, number, came))
        for name, number in reading.implausible.items():
            _put(held.doubts, name, Value(reading.at, aged, number, came))

    def recall(self, device: str, signal: str, at: Micros, value: float, came: float) -> None:
        """Fold in what the store remembers: anything the log has said since is newer."""
        held = self._of(device)
        held.seen, held.heard = max(held.seen, at), max(held.heard, at)
        _put(held.values, signal, Value(at, at, value, came))

    def _of(self, device: str) -> Held:
        held = self._held.get(device)
        if held is None:
            if len(self._held) >= self._most:
                self._forget()
            held = self._held[device] = Held(device)
        return held

    def _forget(self) -> None:
        strangers = sorted((h for h in self if not self._known(h.device)), key=lambda h: h.seen)
        for held in strangers[: max(1, self._most // 10)]:
            del self._held[held.device]
            self.forgotten += 1


def _put(values: dict[str, Value], name: str, value: Value) -> None:
    before = values.get(name)
    if before is None or value.aged >= before.aged:
        values[name] = value
