"""The newest observations by people, folded from the log of actions."""

from typing import NamedTuple

from ward.action import Action, ActionType
from ward.bed_subject import bed_subject
from ward.clock import Micros
from ward.inventory import Place

_MOST = 50_000  # signals of patients; the one that was entered longest ago goes first


class Observed(NamedTuple):
    """What a person observed of one signal: the value, when it was so, by whom, and a note."""

    at: Micros
    value: float
    by: str
    note: str


class ObservationIndex:
    """The newest observation of each signal of each patient, or of a bed without a known patient."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Observed] = {}

    def apply(self, action: Action) -> None:
        """Apply an action of the log. Applying it twice changes nothing."""
        if action.type is not ActionType.OBSERVE or action.observation is None:
            return
        observation = action.observation
        subject = bed_subject(Place(ward="", bed=observation.bed, patient=observation.patient))
        for signal, value in observation.values.items():
            known = self._newest.get((subject, signal))
            if known is None or observation.at >= known.at:
                self._newest.pop((subject, signal), None)
                self._newest[subject, signal] = Observed(observation.at, value, action.by, action.note)
        while len(self._newest) > _MOST:
            del self._newest[next(iter(self._newest))]

    def of(self, bed: str, patient: str, signal: str) -> Observed | None:
        """The newest observation of the patient in a bed; None where there is none."""
        return self._newest.get((bed_subject(Place(ward="", bed=bed, patient=patient)), signal))
