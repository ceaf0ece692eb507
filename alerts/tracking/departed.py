"""Latched alerts of patients who are no longer in the bed.

A detector ends what is active when a patient leaves. A latched alert has no episode of a detector any more: its
condition is over, and it only waits for an acknowledgement. At the bed of another patient it would be taken for theirs.
"""

from alerts.model.now import Now
from ward.alert import EXTERNAL, Alert
from ward.config.config import Config
from ward.finding import Kind


def has_left(alert: Alert, now: Now, config: Config) -> bool:
    """Whether an alert is latched and its patient has left its bed; where no patient is known, its device has.

    A bed that the config no longer has gets no other patient: an alert of it stays until it is acknowledged.
    """
    if alert.latched is None or alert.kind is not Kind.PHYSIOLOGICAL or alert.source == EXTERNAL or not alert.active:
        return False
    inventory, labels = config.inventory, alert.labels
    bed, patient, device = labels.get("bed", ""), labels.get("patient_id", ""), labels.get("device_id", "")
    if bed not in inventory.beds:
        return False
    if patient:
        return inventory.patient(bed, now.wall) != patient
    return device in inventory.devices and inventory.place(device, now.wall).bed != bed
