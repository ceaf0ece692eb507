"""How far each partition is evaluated, for the screens: one record each second, and what to say when it lasts."""

from collections.abc import Iterator, Mapping

from detectors.engine.engine import Engine
from detectors.worker.checkpoint import Checkpoint
from detectors.worker.stage import DEVICES, Stage
from detectors.worker.waiting_readings import WaitingReadings
from ward.clock import SECOND, Clock, Micros, format_span
from ward.ids import printable
from ward.metrics import Metrics
from ward.ports import Partition
from ward.program_problems import DETECTORS_BEHIND, SCORES_BEHIND
from ward.wire import DetectorLag

# Seconds of lag from which on the program reports a problem: of a partition, and of single devices with a backlog.
BEHIND_AFTER, DEVICES_BEHIND_AFTER = 5.0, 60.0
# Instants for which it is not known yet whether all readings until then are evaluated, and devices that a record names.
MOST_MARKS, MOST_NAMED = 600, 2000


class LagReport:
    """Computes `DetectorLag` of the partitions that this worker has. Metrics are those of the devices' readings.

    It compares no clocks of two machines: all readings that are in the log now are evaluated until now as soon as the
    position is where the log ends now.
    """

    def __init__(
        self,
        engine: Engine,
        checkpoint: Checkpoint,
        waiting: WaitingReadings,
        clock: Clock,
        metrics: Metrics,
        stage: Stage,
    ) -> None:
        self._stage = stage
        self._engine = engine
        self._checkpoint = checkpoint
        self._waiting = waiting
        self._clock = clock
        self._metrics = metrics
        self._until: dict[int, Micros] = {}
        self._marks: dict[int, list[tuple[Micros, int]]] = {}
        self._unsent: dict[int, list[tuple[Micros, int]]] = {}
        self.problem = ""

    def records(self, lags: Mapping[Partition, int]) -> list[DetectorLag]:
        """One for each partition, where `lags` is how many records are beyond the position. None where it is not known
        yet until when its readings are evaluated: the last record of the worker before is still true."""
        at = self._clock.now()
        found = []
        for partition, records in lags.items():
            until = self._evaluated_until(partition.number, records, at)
            if until is not None:
                found.append(self._record(partition.number, until, at))
        self._report(found, at)
        return found

    def remove(self, number: int) -> None:
        """This worker no longer has a partition."""
        self._until.pop(number, None)
        self._marks.pop(number, None)
        self._unsent.pop(number, None)

    def _evaluated_until(self, number: int, records: int, at: Micros) -> Micros | None:
        position, marks = self._checkpoint.position(number) or 0, self._marks.setdefault(number, [])
        while marks and marks[0][1] <= position:
            self._evaluated(number, marks.pop(0)[0])
        if records == 0:
            self._evaluated(number, at)
            marks.clear()
        elif position and len(marks) < MOST_MARKS:
            marks.append((at, position + records))
        unsent = self._unsent.get(number, [])
        while unsent and unsent[0][1] <= self._checkpoint.findings_in_log:
            self._until[number] = unsent.pop(0)[0]
        return self._until.get(number)

    def _evaluated(self, number: int, until: Micros) -> None:
        """All that came until then is evaluated; it counts as soon as the findings made so far are in the log."""
        unsent = self._unsent.setdefault(number, [])
        if len(unsent) < MOST_MARKS:
            unsent.append((until, self._checkpoint.findings_made))

    def _record(self, number: int, until: Micros, at: Micros) -> DetectorLag:
        known = self._engine.devices.by_name
        behind = {name: self._engine.watermark(known[name]) for name in self._waiting.devices(number) if name in known}
        if len(behind) > MOST_NAMED:
            until, behind = min(until, *behind.values()), {}
        return DetectorLag(partition=number, at=at, until=until, behind=behind)

    def _report(self, found: list[DetectorLag], at: Micros) -> None:
        behind = {name: until for record in found for name, until in record.behind.items()}
        lag = max((at - record.until for record in found), default=0) / SECOND
        if self._stage is DEVICES:
            self._metrics.detector_lag.set(lag)
            self._metrics.devices_behind.set(len(behind))
            self._metrics.readings_waiting.set(self._waiting.in_memory)
        self.problem = "; ".join(self._problems(lag, (at - min(behind.values(), default=at)) / SECOND, behind))

    def _problems(self, lag: float, longest: float, behind: Mapping[str, Micros]) -> Iterator[str]:
        if lag > BEHIND_AFTER and self._stage is not DEVICES:
            yield f"{SCORES_BEHIND}: values of the last {format_span(lag)} are not in them yet"
        elif lag > BEHIND_AFTER:
            yield f"{DETECTORS_BEHIND}: readings of the last {format_span(lag)} are not evaluated yet"
        if longest > DEVICES_BEHIND_AFTER:
            names = ", ".join(printable(name) for name in sorted(behind, key=lambda name: behind[name])[:3])
            more = f" and {len(behind) - 3} more" if len(behind) > 3 else ""
            since = format_span(longest)
            yield f"detectors work off a backlog: what {names}{more} sent in the last {since} is not evaluated yet"
