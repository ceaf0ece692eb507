"""About whom a suggestion is: the patient in a bed now, or the bed where no patient is known."""

from dataclasses import dataclass

from ward.clock import Micros
from ward.config.config import Config
from ward.config.rule import Match


@dataclass(frozen=True, slots=True)
class Subject:
    """A bed, the patient in it (empty where none is known), and since when: earlier alerts were about others."""

    bed: str
    patient: str
    since: Micros

    @property
    def where(self) -> Match:
        """The series that an override for it is about."""
        return Match(patient=(self.patient,)) if self.patient else Match(bed=(self.bed,))


def subject(config: Config, bed: str, start: Micros, now: Micros) -> Subject:
    """The subject of a bed at `now`, with a history from `start` on at the earliest."""
    for stay in config.inventory.stays:
        if stay.bed == bed and stay.span.contains(now):
            return Subject(bed, stay.patient, max(start, start if stay.span.since is None else stay.span.since))
    return Subject(bed, "", start)
