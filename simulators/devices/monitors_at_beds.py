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
    """A monitor at a bed. `patient` is a pseudonym; for an empty bed it is made from the bed's id."""

    device: str
    ward: str
    bed: str
    patient: str


def monitors_at_beds(inventory: Inventory, now: Micros) -> list[MonitorAtBed]:
    """The monitors assigned to a bed at `now`, in the order of the beds."""
    found: list[MonitorAtBed] = []
    for device in inventory.devices.values():
        place = inventory.place(device.id, now)
        if device.device_kind == MONITOR and place.bed:
            found.append(MonitorAtBed(device.id, place.ward, place.bed, place.patient or f"nobody in {place.bed}"))
    order = {bed: i for i, bed in enumerate(inventory.beds)}
    return sorted(found, key=lambda monitor: order.get(monitor.bed, len(order)))


def scripted_monitors(
    inventory: Inventory, script: WardScript, start: Micros, placed: Micros | None = None
) -> BedsideMonitors:
    """Patients and monitors at the beds of an inventory, with the scenarios and faults of the script.

    The assignments are those at `placed`, by default at the start.
    Raises `SettingsError` for a bed or a device that the inventory does not have.
    """
    monitors = monitors_at_beds(inventory, start if placed is None else placed)
    devices, beds = [m.device for m in monitors], [m.bed for m in monitors]
    simulated = BedsideMonitors(
        devices, [m.patient for m in monitors], seed=script.seed, start=start, period=script.every
    )
    for scenario in script.scenarios:
        simulated.begin_scenario(
            _index(scenario.bed, beds), load_scenario(scenario.scenario), scenario.at, scenario.speed
        )
    for fault in script.faults:
        if fault.device is None:
            simulated.begin_fault(_index(fault.bed, beds), fault.load(), fault.at, fault.lasting)
        elif fault.device in devices:
            simulated.begin_fault(devices.index(fault.device), fault.load(), fault.at, fault.lasting)
        elif fault.device not in inventory.devices:
            raise SettingsError(f"the script names device {printable(fault.device)!r}, which is not in the inventory")
    return simulated


def _index(named: str | int | None, beds: list[str]) -> int:
    if isinstance(named, int) and 1 <= named <= len(beds):
        return named - 1
    if named in beds:
        return beds.index(str(named))
    raise SettingsError(f"the script names bed {printable(str(named))!r}; there are {len(beds)}: {', '.join(beds)}")
