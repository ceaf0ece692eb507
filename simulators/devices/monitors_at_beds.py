"""The bedside monitors of an inventory, each at its bed with its patient."""

from typing import NamedTuple

from simulators.devices.bedside_monitors import BedsideMonitors
from simulators.scenarios import load_scenario
from simulators.scripts.script import WardScript
from ward.clock import Micros
from ward.errors import SettingsError
from ward.ids import printable
from ward.inventory import Inventory

MONITOR = "bedside_monitor"


class MonitorAtBed(NamedTuple):
    """A monitor at a bed. `patient` is a pseudonym, made of the bed's id where nobody lies."""

    device: str
    ward: str
    bed: str
    patient: str


def monitors_at_beds(inventory: Inventory, now: Micros) -> list[MonitorAtBed]:
    """The monitors that stand at a bed now, in the order of the beds."""
    found: list[MonitorAtBed] = []
    for device in inventory.devices.values():
        place = inventory.place(device.id, now)
        if device.device_kind == MONITOR and place.bed:
            found.append(MonitorAtBed(device.id, place.ward, place.bed, place.patient or f"nobody in {place.bed}"))
    order = {bed: i for i, bed in enumerate(inventory.beds)}
    return sorted(found, key=lambda stand: order.get(stand.bed, len(order)))


def scripted_monitors(
    inventory: Inventory, script: WardScript, start: Micros, placed: Micros | None = None
) -> BedsideMonitors:
    """Patients and monitors at the beds of an inventory, with all that the script lets happen.

    They are those that are there at `placed`, by default at the start.
    Raises `SettingsError` for a bed or a device that is not there.
    """
    stands = monitors_at_beds(inventory, start if placed is None else placed)
    devices, beds = [stand.device for stand in stands], [stand.bed for stand in stands]
    made = BedsideMonitors(
        devices, [stand.patient for stand in stands], seed=script.seed, start=start, period=script.every
    )
    for play in script.plays:
        made.happen(_index(play.bed, beds), load_scenario(play.scenario), play.at, play.speed)
    for failure in script.failures:
        if failure.device is None:
            made.fail(_index(failure.bed, beds), failure.made(), failure.at, failure.lasting)
        elif failure.device in devices:
            made.fail(devices.index(failure.device), failure.made(), failure.at, failure.lasting)
        elif failure.device not in inventory.devices:
            raise SettingsError(f"the script names device {printable(failure.device)!r}, which is not in the inventory")
    return made


def _index(named: str | int | None, beds: list[str]) -> int:
    if isinstance(named, int) and 1 <= named <= len(beds):
        return named - 1
    if named in beds:
        return beds.index(str(named))
    raise SettingsError(f"the script names bed {printable(str(named))!r}; there are {len(beds)}: {', '.join(beds)}")
