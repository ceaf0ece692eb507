"""Latched alerts of patients who are no longer in the bed.

A detector ends what is active when a patient leaves. A latched alert has no episode of a detector any more: its
condition is over, and it only waits for an acknowledgement. At the bed of another patient it would be taken for theirs.
"""

from alerts.model.now import Now
from ward.alert import EXTERNAL, Alert
from ward.config.config import Config
from ward.finding import Kind
from ward.inventory import Inventory


def has_left(alert: Alert, now: Now, config: Config) -> bool:
    """Whether an alert is latched and its patient has left its bed; where no patient is known, its device has.

    Nobody has left because the config has less than before, as after a cut file: an alert whose bed, patient or device
    is not in it any more stays, until it is acknowledged or another patient has the bed.
    """
    if alert.latched is None or alert.kind is not Kind.PHYSIOLOGICAL or alert.source == EXTERNAL or not alert.active:
        return False
    inventory, labels = config.inventory, alert.labels
    bed, patient, device = labels.get("bed", ""), labels.get("patient_id", ""), labels.get("device_id", "")
    if bed not in inventory.beds:
        return False
    if patient:
        here = inventory.patient(bed, now.wall)
        return here != patient and (here != "" or any(stay.patient == patient for stay in inventory.stays))
    there = inventory.place(device, now.wall).bed
    return there != bed and (there != "" or _was_at(inventory, device, bed))


def _was_at(inventory: Inventory, device: str, bed: str) -> bool:
    """Whether the inventory has a device at a bed at any time."""
    known = inventory.devices.get(device)
    return known is not None and any(assignment.bed == bed for assignment in known.assignments)
