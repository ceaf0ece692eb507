"""Which readings of a patient are evaluated: each once, and of several devices that measure one signal those of one.

Two sensors of one patient differ by more than the noise of one of them: values of both in turns would look unsteady,
and their differences like changes of the patient. A reading that is sent again after a crash looks like a clock that
was set back: it is recognized by its number, the offset of the device's reading in the log.
"""

from collections.abc import Iterable, Mapping

import msgspec

from detectors.peers.subject import cohort_of
from ward.bed_subject import PERSON
from ward.clock import SECOND, Micros
from ward.reading import Reading

# Another device takes over when the chosen one has sent no value of the signal for so many seconds.
HELD = 60.0

Sources = dict[str, tuple[str, Micros]]
# A patient has few devices at a time; of more the numbers of those that sent longest ago are forgotten.
MOST_NUMBERS = 32


class SourceChoice:
    """Chooses by patient and signal. `boot` of a reading is where it comes from: a device, or a person; `seq` is its
    number there, -1 for one without.

    What a person observed counts at once. Of devices the first one stays until it is silent for `HELD` seconds, by when
    the bridge received the readings.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Sources] = {}
        self._numbers: dict[str, dict[str, int]] = {}

    def choose(self, reading: Reading) -> Reading | None:
        """A reading with the values of the chosen sources; None for one that was there before. Members of a cohort
        measure each for itself: all count."""
        if cohort_of(reading.device):
            return reading
        if not self._is_new(reading):
            return None
        known = self._sources.setdefault(reading.device, {})
        newest, values = (reading.boot, reading.received_at), reading.values
        left_out = [name for name in values if not _chosen(known, name, newest)]
        if not left_out:
            return reading
        return msgspec.structs.replace(reading, values={name: values[name] for name in values if name not in left_out})

    def of(self, subject: str) -> tuple[Sources, dict[str, int]]:
        """The chosen source of each signal of a patient, and when the bridge received its last value; and the number
        of the newest reading of each source."""
        return self._sources.get(subject, {}), self._numbers.get(subject, {})

    def restore(self, subject: str, sources: Mapping[str, tuple[str, Micros]], numbers: Mapping[str, int]) -> None:
        """Set what `of` returned before."""
        self._sources[subject], self._numbers[subject] = dict(sources), dict(numbers)

    def forget(self, subjects: Iterable[str]) -> None:
        """Forget some patients."""
        for subject in subjects:
            self._sources.pop(subject, None)
            self._numbers.pop(subject, None)

    def _is_new(self, reading: Reading) -> bool:
        """Whether a reading has a higher number than all of its source before, or none."""
        if reading.seq < 0:
            return True
        numbers = self._numbers.setdefault(reading.device, {})
        last = numbers.pop(reading.boot, -1)
        numbers[reading.boot] = max(last, reading.seq)  # at the end: the first one is the longest unheard
        if len(numbers) > MOST_NUMBERS:
            del numbers[next(iter(numbers))]
        return reading.seq > last


def _chosen(known: Sources, signal: str, newest: tuple[str, Micros]) -> bool:
    """Whether a value is of the chosen source, and note that it came: `newest` is its source, and when it was
    received."""
    last = known.get(signal)
    other = last is not None and last[0] != newest[0] and newest[0] != PERSON
    if other and last is not None and newest[1] - last[1] < HELD * SECOND:
        return False
    known[signal] = newest
    return True
