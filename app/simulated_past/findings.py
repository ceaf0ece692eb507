"""What the detectors find in a simulated past, by the engine that judges live readings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.simulated_past.sparse import sparse
from app.simulated_past.week import Week
from detectors.engine.engine import Engine
from simulators.scenarios import load_scenario
from simulators.scripts.past_script import PastScript
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Edge, Finding
from ward.reading import Reading

# Seconds before and after something happens in which readings are judged: detectors learn, and see the end of it.
BEFORE, AFTER = 3600.0, 7200.0
# Readings that are judged in one go.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which something happens at a monitor."""

    monitor: int
    first: Micros
    last: Micros


def windows(week: Week, script: PastScript) -> list[Window]:
    """Where something happens, by monitor and time. What overlaps is one window."""
    found: list[Window] = []
    for window in sorted(_happenings(week, script), key=lambda w: (w.monitor, w.first)):
        last = found[-1] if found else None
        if last is not None and last.monitor == window.monitor and window.first <= last.last:
            found[-1] = Window(last.monitor, last.first, max(last.last, window.last))
        else:
            found.append(window)
    return found


def judged(config: Config, week: Week, script: PastScript) -> Iterator[list[Finding]]:
    """The findings of all windows, a part at a time; only of what is over when its window ends.

    Time is each device's own in the engine: windows of different days are judged side by side, so that many devices
    share a wave. Two windows of one device are judged by two engines, or the time between them would be a silence.
    """
    slower = sparse(config, script.every, script.periods)
    for side_by_side in _rounds(windows(week, script)):
        engine = Engine(slower)
        for window in side_by_side:
            engine.expect([week.stands[window.monitor].device], window.first)
        found: list[Finding] = []
        readings = _interleaved([week.readings(w.monitor, w.first, w.last) for w in side_by_side])
        for begin in range(0, len(readings), _AT_ONCE):
            found += engine.evaluate(readings[begin : begin + _AT_ONCE]).findings
            yield []
        yield _over(found)


def _happenings(week: Week, script: PastScript) -> Iterator[Window]:
    beds, devices = [stand.bed for stand in week.stands], [stand.device for stand in week.stands]
    for play in script.plays:
        lasting = load_scenario(play.scenario).lasts / (play.speed * load_scenario(play.scenario).speed)
        yield _window(week, _index(play.bed, beds), play.at, lasting)
    for failure in script.failures:
        if failure.lasting is None or (failure.device and failure.device not in devices):
            continue  # what lasts for the whole past is no episode, and loggers are not judged
        monitor = devices.index(failure.device) if failure.device else _index(failure.bed, beds)
        yield _window(week, monitor, failure.at, failure.lasting)


def _window(week: Week, monitor: int, at: float, lasting: float) -> Window:
    first, last = (week.start + round(s * SECOND) for s in (at - BEFORE, at + lasting + AFTER))
    return Window(monitor, max(first, week.start), min(last, week.end))


def _index(bed: str | int | None, beds: Sequence[str]) -> int:
    return bed - 1 if isinstance(bed, int) else beds.index(str(bed))


def _rounds(found: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows that can be judged side by side: the first of each monitor, then the second of each, ..."""
    by_monitor: dict[int, list[Window]] = {}
    for window in found:
        by_monitor.setdefault(window.monitor, []).append(window)
    for row in zip_longest(*by_monitor.values()):
        yield [window for window in row if window is not None]


def _interleaved(devices: Sequence[Sequence[Reading]]) -> list[Reading]:
    """The first reading of each device, then the second of each, ..."""
    return [reading for row in zip_longest(*devices) for reading in row if reading is not None]


def _over(found: Sequence[Finding]) -> list[Finding]:
    ended = {finding.episode for finding in found if finding.edge is Edge.CLEARED}
    return [finding for finding in found if finding.episode in ended]
