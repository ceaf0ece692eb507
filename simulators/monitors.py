"""The bedside monitors of an inventory, at their beds, each on a link of its own."""

from collections.abc import Callable
from typing import NamedTuple

from simulators.bedside import Bedside, Instants, as_reading
from simulators.device import Counts, Device, Wire
from simulators.device_client.device_buffer import DeviceBuffer
from simulators.device_client.device_connection import DeviceConnection
from simulators.faults import fault
from simulators.scenarios import scenario
from simulators.script import Script
from simulators.source import Agenda
from ward.clock import Clock, Micros
from ward.errors import SettingsError
from ward.ids import printable
from ward.inventory import Inventory
from ward.topics import DeviceTopics

MONITOR = "bedside_monitor"
Linked = Callable[[DeviceTopics], DeviceConnection]


class Stand(NamedTuple):
    """A monitor at a bed. `patient` is a pseudonym, made of the bed's id where nobody lies."""

    device: str
    ward: str
    bed: str
    patient: str


def at_beds(inventory: Inventory, now: Micros) -> list[Stand]:
    """The monitors that stand at a bed now, in the order of the beds."""
    found: list[Stand] = []
    for device in inventory.devices.values():
        place = inventory.place(device.id, now)
        if device.device_kind == MONITOR and place.bed:
            found.append(Stand(device.id, place.ward, place.bed, place.patient or f"nobody in {place.bed}"))
    order = {bed: i for i, bed in enumerate(inventory.beds)}
    return sorted(found, key=lambda stand: order.get(stand.bed, len(order)))


def bedside(inventory: Inventory, script: Script, start: Micros) -> Bedside:
    """Patients and monitors at the beds of an inventory, with all that the script lets happen.

    Raises `SettingsError` for a bed or a device that is not there.
    """
    stands = at_beds(inventory, start)
    devices, beds = [stand.device for stand in stands], [stand.bed for stand in stands]
    made = Bedside(devices, [stand.patient for stand in stands], seed=script.seed, start=start, period=script.every)
    for play in script.plays:
        made.happen(_index(play.bed, beds), scenario(play.scenario), play.at, play.speed)
    for failure in script.failures:
        if failure.device is None:
            made.fail(_index(failure.bed, beds), fault(failure.fault), failure.at, failure.lasting)
        elif failure.device in devices:
            made.fail(devices.index(failure.device), fault(failure.fault), failure.at, failure.lasting)
        elif failure.device not in inventory.devices:
            raise SettingsError(f"the script names device {printable(failure.device)!r}, which is not in the inventory")
    return made


def _index(named: str | int | None, beds: list[str]) -> int:
    if isinstance(named, int) and 1 <= named <= len(beds):
        return named - 1
    if named in beds:
        return beds.index(str(named))
    raise SettingsError(f"the script names bed {printable(str(named))!r}; there are {len(beds)}: {', '.join(beds)}")


class Monitors:
    """A source: all monitors of the inventory, measuring when each is due and attended to at every run."""

    def __init__(
        self, inventory: Inventory, script: Script, linked: Linked, kept: DeviceBuffer, clock: Clock, root: str
    ) -> None:
        start = clock.now()
        self._kept = kept
        self._bedside = bedside(inventory, script, start)
        self._agenda = Agenda(script.every, self._bedside.start // 1000 * 1000, self._compute)
        self.devices: list[Device] = []
        for i, stand in enumerate(at_beds(inventory, start)):
            topics = DeviceTopics(root, stand.ward, stand.device)
            self.devices.append(Device(topics, linked(topics), kept, clock, self._wired(i)))
        self._now = 0.0
        for one in self.devices:
            one.power(True, start)
            one.plug(True)

    @property
    def due(self) -> float:
        return self._agenda.due

    @property
    def counts(self) -> Counts:
        """What became of the readings of all of them."""
        return sum((device.counts for device in self.devices), Counts())

    @property
    def passed_over(self) -> int:
        """Steps nobody measured because the simulation stood still."""
        return self._agenda.passed_over

    def run(self, now: float, shift: Micros) -> int:
        self._now = now
        done = 0
        while due := self._agenda.take(now):
            for i in due:
                self._measure(i, shift)
            done += len(due)
        return done + self.attend()

    def attend(self) -> int:
        return sum(device.attend() for device in self.devices)

    def close(self) -> None:
        for device in self.devices:
            device.close()
        self._kept.close()

    def _compute(self, steps: int) -> Instants:
        self._row = self._bedside.advance(steps)
        return self._row.at

    def _measure(self, i: int, shift: Micros) -> None:
        device, row = self.devices[i], self._row
        device.power(bool(row.powered[0, i]), int(row.at[0, i]) + shift)
        device.plug(bool(row.plugged[0, i]))
        device.measure(int(row.claimed[0, i]) + shift, as_reading(row.values[0, i].tolist()))
        device.attend()

    def _wired(self, i: int) -> Wire:
        return lambda messages: self._bedside.effects.wire(i, self._now, messages)
