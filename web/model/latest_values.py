"""The latest value of each signal of each device."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ward.canary import is_canary
from ward.clock import Micros
from ward.reading import Flag, Reading

_UNKNOWN_AGE = Flag.RETAINED | Flag.UNTIMED


class LatestValue(NamedTuple):
    """A value, measured at `at`.

    Its age counts from `age_from`: the time at the bridge where the device's clock is wrong, else `at`. `received` is
    when it reached this process, in monotonic seconds.
    """

    at: Micros
    age_from: Micros
    value: float
    received: float


@dataclass(slots=True)
class DeviceState:
    """What is known of one device: the latest value of each signal, and the latest implausible values.

    `received_at` is the bridge's time of the newest reading or status. `last_seen` leaves out a status that the broker
    published for the device (its last will). `offset` is that of the newest reading in the log, -1 where there is none,
    and `received` when it reached this process, in monotonic seconds.
    """

    device: str
    ward: str = ""
    device_kind: str = ""
    attached: str = ""
    received_at: Micros = 0
    last_seen: Micros = 0
    offset: int = -1
    received: float = float("-inf")
    values: dict[str, LatestValue] = field(default_factory=dict)
    implausible: dict[str, LatestValue] = field(default_factory=dict)


class LatestValues:
    """Devices by id, at most `most`: beyond that, the unregistered devices seen longest ago are evicted and counted."""

    def __init__(self, registered: Callable[[str], bool], most: int = 20_000) -> None:
        self._registered = registered
        self._most = most
        self._devices: dict[str, DeviceState] = {}
        self.evicted = 0
        self.newest: Micros = 0  # of any device, by the bridge's time
        self.newest_received = float("-inf")  # the same, monotonic seconds of this process

    def __len__(self) -> int:
        return len(self._devices)

    def __iter__(self) -> Iterator[DeviceState]:
        return iter(self._devices.values())

    def get(self, device: str) -> DeviceState | None:
        """What is known of a device; None where it has sent nothing."""
        return self._devices.get(device)

    def apply(self, reading: Reading, offset: int, received: float) -> None:
        """Apply a reading at `offset` of the log. One at an offset that was applied already is ignored.

        The last reading of a device in the log is the newest, whatever its time says, unless the bridge found it out of
        order: the clock of the server may have been set back. A retained one without a time is ignored: it could be
        years old.
        """
        if reading.flags & _UNKNOWN_AGE == _UNKNOWN_AGE or is_canary(reading.ward, reading.values):
            return
        state = self._state(reading.device)
        if offset <= state.offset:
            return
        state.offset, state.received = offset, received
        if reading.flags & Flag.STATUS == 0:
            self.newest, self.newest_received = reading.received_at, received
            state.last_seen = reading.received_at
        state.received_at, state.ward = reading.received_at, reading.ward
        state.device_kind, state.attached = reading.device_kind, reading.attached
        late = bool(reading.flags & Flag.OUT_OF_ORDER)
        age_from = reading.received_at if reading.flags & Flag.CLOCK_SKEWED else reading.at
        for name, number in reading.values.items():
            _put(state.values, name, LatestValue(reading.at, age_from, number, received), late)
        for name, number in reading.implausible.items():
            _put(state.implausible, name, LatestValue(reading.at, age_from, number, received), late)

    def restore(self, device: str, signal: str, at: Micros, value: float, received: float) -> None:
        """Set a value that was read from the store, unless the log has one."""
        state = self._state(device)
        if state.offset < 0:
            state.received_at, state.last_seen = max(state.received_at, at), max(state.last_seen, at)
        state.values.setdefault(signal, LatestValue(at, at, value, received))

    def _state(self, device: str) -> DeviceState:
        state = self._devices.get(device)
        if state is None:
            if len(self._devices) >= self._most:
                self._evict()
            state = self._devices[device] = DeviceState(device)
        return state

    def _evict(self) -> None:
        unregistered = sorted((s for s in self if not self._registered(s.device)), key=lambda s: s.received)
        for state in unregistered[: max(1, self._most // 10)]:
            del self._devices[state.device]
            self.evicted += 1


def _put(values: dict[str, LatestValue], name: str, value: LatestValue, late: bool) -> None:
    before = values.get(name)
    if before is None or not late or value.age_from >= before.age_from:
        values[name] = value
