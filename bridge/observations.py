"""Observations that came as messages, checked by the config in force."""

from bridge.refusal import RefusalReason, Refused
from ward.clock import Micros
from ward.config.config import Config
from ward.ids import printable
from ward.observation import Checked, Entry, ObservationCheck, ObservationRefused


def checked_observation(entry: Entry, config: Config, now: Micros) -> Checked:
    """The records of an observation that was received at `now`. Raises `Refused`, with the sentence that a person at
    the bed page would read."""
    if entry.bed not in config.inventory.beds:
        raise Refused(RefusalReason.OBSERVATION, f"there is no bed {printable(entry.bed, 64)!r} in ward.yaml")
    check = ObservationCheck(config.catalogue, config.inventory, config.alerting.timezone)
    try:
        return check.check(entry, now)
    except ObservationRefused as refused:
        raise Refused(RefusalReason.OBSERVATION, refused.why) from refused
