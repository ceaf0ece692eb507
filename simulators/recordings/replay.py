"""Publishes a recording as a bed: at its pace, some times faster, or as fast as it is acknowledged."""

import threading
from collections.abc import Callable, Iterator
from enum import StrEnum

from simulators.device_client.client import DeviceClient
from simulators.recordings.recording import Recording, Sample
from ward.clock import SECOND, Clock, Micros
from ward.errors import SettingsError
from ward.reading import Reading

# Flat out, this many readings may wait for their acknowledgement before the next is read.
ROOM = 256
POLL = 0.005  # seconds; a link has no way to wake who waits for an acknowledgement


class ReplayTimes(StrEnum):
    """Which times the readings are given."""

    NOW = "now"  # each the instant at which it is published
    PAST = "past"  # as far apart as they were, the last one now: a bed that was offline delivers its backlog
    KEPT = "kept"  # those of the recording


def first_instant(recording: Recording, times: ReplayTimes, now: Micros) -> Micros:
    """The instant of the first sample. Raises `SettingsError` when its own is asked for and it has none."""
    if times is ReplayTimes.NOW:
        return now
    if times is ReplayTimes.PAST:
        return now - round(recording.lasts * SECOND)
    if recording.begun is None:
        raise SettingsError(f"{recording.name} holds no times of its own, only seconds: give them by `now` or `past`")
    return recording.begun


def repeat_samples(recording: Recording, every: float) -> Recording:
    """The recording at the cadence of a monitor: each sample is shown again every so many seconds until the next."""
    if every <= 0:
        raise SettingsError("a cadence is more than 0 s")
    samples: list[Sample] = []
    for i, sample in enumerate(recording.samples):
        end = recording.samples[i + 1].t if i + 1 < len(recording.samples) else sample.t + every / 2
        n = 0
        while n == 0 or sample.t + n * every < end - 1e-9:
            samples.append(Sample(sample.t + n * every, sample.values))
            n += 1
    return Recording(recording.name, tuple(samples), recording.begun)


def readings(recording: Recording, device: str, ward: str, begun: Micros) -> Iterator[Reading]:
    """The recording as readings of a bridge that lost and delayed nothing: virtual time, without any broker."""
    for sample in recording.samples:
        if sample.values:
            at = begun + round(sample.t * SECOND)
            yield Reading(device=device, ward=ward, at=at, seen=at, values=dict(sample.values))


class Replay:
    """A part: gives a recording to a device. `speed` is how many times faster than life; None is flat out.

    It is done when all is given and the device has been thanked for all it kept.
    """

    def __init__(
        self, recording: Recording, device: DeviceClient, clock: Clock, *, speed: float | None = 1.0,
        times: ReplayTimes | None = None, progress: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        if speed is not None and speed <= 0:
            raise SettingsError("a speed is more than 0; for as fast as possible leave it out")
        times = times or (ReplayTimes.PAST if speed is None else ReplayTimes.NOW)
        if times is ReplayTimes.NOW and speed is None:
            raise SettingsError("flat out all readings would be of one instant: give them by `past` or `kept`")
        self._recording = recording
        self._device = device
        self._clock = clock
        self._speed = speed
        self._begun = first_instant(recording, times, clock.now())
        self._stretch = (speed or 1.0) if times is ReplayTimes.NOW else 1.0
        self._started = clock.monotonic()
        self._progress = progress or (lambda _: None)
        self._given = 0
        self._end = threading.Event()
        device.power(True)
        device.plug(True)

    @property
    def given(self) -> int:
        """How many samples have been given to the device."""
        return self._given

    @property
    def done(self) -> bool:
        """Whether all is given, and acknowledged."""
        return self._given == len(self._recording.samples) and not self._device.counts.kept

    def step(self, wait: float) -> int:
        """Give what is due; when that is nothing, wait for it, at most `wait` seconds."""
        before = self._given
        while self._given < len(self._recording.samples) and self._due() <= 0:
            self._give(self._recording.samples[self._given])
        work = self._given - before + self._device.attend()
        if self._given != before:
            self._progress(self._given)
        if not work and wait > 0:
            self._end.wait(max(0.001, min(wait, self._due())))
        return work

    def close(self) -> None:
        """Say goodbye. What is not acknowledged stays with the device. Ends a wait at once."""
        self._end.set()
        self._device.close()

    def _due(self) -> float:
        """Seconds until the next sample; flat out, until there is room for it."""
        if self._given == len(self._recording.samples):
            return POLL
        if self._speed is None:
            return 0.0 if self._device.counts.kept < ROOM else POLL
        t = self._recording.samples[self._given].t / self._speed
        return self._started + t - self._clock.monotonic()

    def _give(self, sample: Sample) -> None:
        self._device.measure(self._begun + round(sample.t / self._stretch * SECOND), sample.values)
        self._given += 1
