"""What is known of the simulated patients when the demonstration begins: their last day, and what people observed.

A risk score needs hours, and NEWS2 needs what no monitor measures. So the log gets, before anything else, the hourly
means of the vital signs, and an observation of each patient by the staff.
"""

from collections.abc import Iterator, Sequence

from app.simulated_past.findings import Window, windows
from app.simulated_past.week import Week
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.patients.baselines import draw_baselines
from simulators.scripts.past_script import PastScript
from ward.bed_subject import bed_subject
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.errors import LogUnavailable
from ward.observation import Checked, Entry, ObservationCheck
from ward.ports import Log
from ward.reading import Reading
from ward.simulated_past import SimulatedPast
from ward.topics import ACTIONS, BED_READINGS
from ward.wire import ACTION_WIRE, READING_WIRE

HOUR: Micros = 3600 * SECOND
_HOURS = 24  # how many of them are sent
_PATIENCE = 10.0  # seconds until the log must have confirmed the records
# A simulated patient at the start of a demonstration is alert, and breathes air.
_OBSERVED = {"consciousness": 0.0, "oxygen": 0.0}


def send_stays(log: Log, config: Config, script: PastScript, past: SimulatedPast) -> None:
    """Send the last day of each patient, and one observation. To be called before anything else sends.

    Raises `LogUnavailable`.
    """
    monitors = monitors_at_beds(config.inventory, past.end)
    own = script.restricted_to([m.bed for m in monitors], {m.device for m in monitors})
    week = Week(config, own, past.start, past.end)
    for _ in week.simulate():
        pass
    observed = list(_observations(config, week, own))
    records = [*hourly_means(config, week, own), *(one.reading for one in observed)]
    _send(log, ACTIONS, [(one.action.subject, ACTION_WIRE.encode(one.action)) for one in observed])
    _send(log, BED_READINGS, [(reading.device, READING_WIRE.encode(reading)) for reading in records])


def hourly_means(config: Config, week: Week, script: PastScript) -> Iterator[Reading]:
    """The means of the vital signs in each of the last hours, oldest first. Hours in which something happens to a
    patient or a device are left out, with those around them: no alert can come from the others."""
    last = week.end // HOUR * HOUR
    happens = windows(week, script)
    for begin in range(max(last - _HOURS * HOUR, week.start), last, HOUR):
        for i in range(len(week.monitors)):
            if not _within(begin, i, happens):
                yield from _mean(config, week, i, begin)


def _within(begin: Micros, monitor: int, happens: Sequence[Window]) -> bool:
    return any(w.monitor == monitor and w.first < begin + HOUR and begin < w.last for w in happens)


def _mean(config: Config, week: Week, monitor: int, begin: Micros) -> Iterator[Reading]:
    """The means of one hour of a patient, in the middle of it; nothing for an hour without values."""
    found: dict[str, list[float]] = {}
    for reading in week.readings(monitor, begin, begin + HOUR):
        for signal in reading.values.keys() & config.bed_signals:
            found.setdefault(signal, []).append(reading.values[signal])
    at, device = begin + HOUR // 2, week.monitors[monitor].device
    place = config.inventory.place(device, at)
    values = {signal: sum(own) / len(own) for signal, own in sorted(found.items())}
    if values and place.bed:
        yield Reading(
            device=bed_subject(place), ward=place.ward, at=at, received_at=at, values=values, boot=device
        )  # fmt: skip


def _observations(config: Config, week: Week, script: PastScript) -> Iterator[Checked]:
    """An observation of each patient, by the staff in turns: the age that the simulation uses, consciousness and
    oxygen."""
    ages = draw_baselines(script.seed, [monitor.patient for monitor in week.monitors]).age.tolist()
    known = {signal.name for signal in config.catalogue.values() if signal.observed}
    check = ObservationCheck(config.catalogue, config.inventory, config.alerting.timezone)
    for i, (monitor, age) in enumerate(zip(week.monitors, ages, strict=True)):
        values = {name: x for name, x in {"age": float(int(age)), **_OBSERVED}.items() if name in known}
        if values:
            by = f"{script.staff[i % len(script.staff)]} (simulated)"
            yield check.check(Entry(by=by, bed=monitor.bed, at=week.end, values=values), week.end)


def _send(log: Log, topic: str, records: list[tuple[str, bytes]]) -> None:
    if records and not log.send(topic, records).acked(_PATIENCE):
        raise LogUnavailable(f"{topic}: not confirmed within {_PATIENCE:g} s")
