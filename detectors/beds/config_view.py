"""A config as the engine of the beds has it: its devices are patients, and beds without a known patient."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ward.bed_subject import bed_subject
from ward.clock import Micros
from ward.config.config import Config
from ward.config.rule import Match, Rule
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Place, Stay

BED_KIND = "bed"


class WatchedInventory(Inventory):
    """An inventory of patients and beds that also knows where the `members` of cohorts are: devices, which are not
    among its own."""

    def __init__(self, members: Inventory, devices: Sequence[Device]) -> None:
        kinds = [DeviceKind(name=BED_KIND, label="Patient"), *members.device_kinds.values()]
        super().__init__(
            wards=members.wards.values(), beds=members.beds.values(), stays=members.stays, device_kinds=kinds,
            devices=devices,
        )  # fmt: skip
        self._members = members

    def place(self, device: str, at: Micros, ward: str = "", device_kind: str = "") -> Place:
        """As for all inventories; of a member of a cohort as the inventory of devices has it."""
        if device in self._members.devices:
            return self._members.place(device, at)
        return super().place(device, at, ward, device_kind)


def bed_config(config: Config) -> Config:
    """The config with an inventory of patients and beds in place of devices. A patient is at the beds of the stays; a
    bed itself is watched while no patient is known to be in it. Which devices are members of a cohort is decided where
    their means are made."""
    inventory = config.inventory
    by_patient: dict[str, list[Stay]] = {}
    by_bed: dict[str, list[Period]] = {}
    for stay in inventory.stays:
        by_patient.setdefault(stay.patient, []).append(stay)
        by_bed.setdefault(stay.bed, []).append(stay.span)
    patients = (_patient(name, stays, inventory) for name, stays in by_patient.items())
    beds = (_bed(bed, by_bed.get(bed.id, ())) for bed in inventory.beds.values())
    watched = WatchedInventory(inventory, [*patients, *beds])
    return replace(config, inventory=watched, rules=tuple(map(_for_members, config.rules)))


def _for_members(rule: Rule) -> Rule:
    return replace(rule, where=Match()) if rule.scope == "cohort" else rule


def _patient(name: str, stays: Sequence[Stay], inventory: Inventory) -> Device:
    at = [
        Assignment(ward=inventory.beds[stay.bed].ward, bed=stay.bed, span=stay.span)
        for stay in stays
        if stay.bed in inventory.beds
    ]
    subject = bed_subject(Place(ward="", bed=stays[0].bed, patient=name))
    return Device(id=subject, device_kind=BED_KIND, assignments=tuple(at))


def _bed(bed: Bed, stays: Sequence[Period]) -> Device:
    free = tuple(Assignment(ward=bed.ward, bed=bed.id, span=span) for span in _gaps(stays))
    return Device(id=bed_subject(Place(ward=bed.ward, bed=bed.id)), device_kind=BED_KIND, assignments=free)


def _gaps(spans: Sequence[Period]) -> Iterator[Period]:
    """The periods that none of some periods covers, in order.

    >>> [(gap.since, gap.until) for gap in _gaps([Period(since=5, until=7), Period(since=1, until=3)])]
    [(None, 1), (3, 5), (7, None)]
    >>> list(_gaps([Period(until=3), Period(since=2)]))
    []
    """
    free_from: int | None = None
    for span in sorted(spans, key=lambda span: -1 if span.since is None else span.since):
        if span.since is not None and (free_from is None or span.since > free_from):
            yield Period(since=free_from, until=span.since)
        if span.until is None:
            return
        free_from = span.until if free_from is None else max(free_from, span.until)
    yield Period(since=free_from)
