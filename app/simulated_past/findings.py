"""The findings of a simulated past, by the same engine that evaluates live readings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.simulated_past.longer_periods import with_longer_periods
from app.simulated_past.week import Week
from detectors.engine.engine import Engine
from simulators.scenarios import load_scenario
from simulators.scripts.past_script import PastScript
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Finding, Transition
from ward.reading import Reading

# Seconds before and after each scenario and fault that are evaluated too: detectors learn before, and see the end.
BEFORE, AFTER = 3600.0, 7200.0
# Readings that are evaluated in one call.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Window:
    """A time window in which a scenario or a fault happens at a monitor."""

    monitor: int
    first: Micros
    last: Micros


def windows(week: Week, script: PastScript) -> list[Window]:
    """The windows of all scenarios and faults, by monitor and time. Overlapping ones are merged."""
    found: list[Window] = []
    for window in sorted(_event_windows(week, script), key=lambda w: (w.monitor, w.first)):
        last = found[-1] if found else None
        if last is not None and last.monitor == window.monitor and window.first <= last.last:
            found[-1] = Window(last.monitor, last.first, max(last.last, window.last))
        else:
            found.append(window)
    return found


def past_findings(config: Config, week: Week, script: PastScript) -> Iterator[list[Finding]]:
    """The findings of all windows, in parts; only those of episodes that end within their window.

    Each device has its own time in the engine: windows of different days are evaluated side by side, so that many
    devices share a wave. Two windows of one device need two engines: else the time between them would count as no data.
    """
    slower = with_longer_periods(config, script.every, script.periods)
    for side_by_side in _rounds(windows(week, script)):
        engine = Engine(slower)
        for window in side_by_side:
            engine.add_expected([week.monitors[window.monitor].device], window.first)
        found: list[Finding] = []
        readings = _interleaved([week.readings(w.monitor, w.first, w.last) for w in side_by_side])
        for begin in range(0, len(readings), _AT_ONCE):
            found += engine.evaluate(readings[begin : begin + _AT_ONCE]).findings
            yield []
        yield _ended(found)


def _event_windows(week: Week, script: PastScript) -> Iterator[Window]:
    beds, devices = [monitor.bed for monitor in week.monitors], [monitor.device for monitor in week.monitors]
    for entry in script.scenarios:
        scenario = load_scenario(entry.scenario)
        yield _window(week, _index(entry.bed, beds), entry.at, scenario.lasts / (entry.speed * scenario.speed))
    for fault in script.faults:
        if fault.lasting is None or (fault.device and fault.device not in devices):
            continue  # a fault that lasts for the whole past is no episode, and loggers are not evaluated
        monitor = devices.index(fault.device) if fault.device else _index(fault.bed, beds)
        yield _window(week, monitor, fault.at, fault.lasting)


def _window(week: Week, monitor: int, at: float, lasting: float) -> Window:
    first, last = (week.start + round(s * SECOND) for s in (at - BEFORE, at + lasting + AFTER))
    return Window(monitor, max(first, week.start), min(last, week.end))


def _index(bed: str | int | None, beds: Sequence[str]) -> int:
    return bed - 1 if isinstance(bed, int) else beds.index(str(bed))


def _rounds(found: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows that can be evaluated side by side: the first of each monitor, then the second of each, ..."""
    by_monitor: dict[int, list[Window]] = {}
    for window in found:
        by_monitor.setdefault(window.monitor, []).append(window)
    for row in zip_longest(*by_monitor.values()):
        yield [window for window in row if window is not None]


def _interleaved(devices: Sequence[Sequence[Reading]]) -> list[Reading]:
    """The first reading of each device, then the second of each, ..."""
    return [reading for row in zip_longest(*devices) for reading in row if reading is not None]


def _ended(found: Sequence[Finding]) -> list[Finding]:
    ended = {finding.episode for finding in found if finding.transition is Transition.CLEARED}
    return [finding for finding in found if finding.episode in ended]
