"""Where each device is, for whom, and until when, by the inventory of one config."""

from collections.abc import Sequence
from itertools import chain

from detectors.engine.devices import Devices, DeviceState
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.inventory import Period, Place

LOGGER = "humidity_logger"


class DevicePlaces:
    """Looks up the places of devices, and notes them in their columns."""

    def __init__(self, config: Config, devices: Devices) -> None:
        self._inventory = config.inventory
        self._bed_signals = config.bed_signals
        self._devices = devices
        self._stays: dict[str, list[Period]] = {}
        for stay in config.inventory.stays:
            self._stays.setdefault(stay.bed, []).append(stay.span)

    def locate(self, device: DeviceState, now: Micros) -> None:
        """Look up where a device is at `now`, and until when."""
        inventory = self._inventory
        device.place = inventory.place(device.name, now, device.ward, device.device_kind)
        known = inventory.devices.get(device.name)
        device.unregistered = known is None and not device.cohort
        device.assigned = known is not None and any(a.span.contains(now) for a in known.assignments)
        if device.place.attached:
            device.attached = device.place.attached
        device.logger = not device.cohort and (device.place.device_kind == LOGGER or bool(device.attached))
        columns, number = self._devices.columns, device.number
        columns.unregistered[number] = float(device.unregistered)
        device.place_changes = self._place_changes(device.name)
        for signal in device.series:
            self.note_forwarded(device, signal)
        columns.place_until[number] = next((at / SECOND for at in device.place_changes if at > now), float("inf"))

    def _place_changes(self, name: str) -> Sequence[Micros]:
        """Instants at which the bed or the patient of a device may change, in order."""
        known = self._inventory.devices.get(name)
        if known is None:
            return ()
        beds = {assignment.bed for assignment in known.assignments}
        spans = chain((a.span for a in known.assignments), *(self._stays.get(bed, ()) for bed in beds))
        return sorted(at for span in spans for at in (span.since, span.until) if at is not None)

    def note_forwarded(self, device: DeviceState, signal: str) -> None:
        """Note whether values of a series are forwarded to the beds where its device is."""
        known = self._inventory.devices.get(device.name)
        at_beds = known is not None and any(assignment.bed for assignment in known.assignments)
        self._devices.series.forwarded[device.series[signal]] = float(at_beds and signal in self._bed_signals)


def patient_changed(before: Place, after: Place) -> bool:
    """Whether values from before say nothing about the patient after: another patient, or, where no patient is known,
    another bed. The admission of a patient to a bed where none was known is no change."""
    if before.patient:
        return after.patient != before.patient
    return before.bed != "" and after.bed != before.bed
