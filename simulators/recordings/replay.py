"""Publishes a recording as a bed: at its own pace, faster, or as fast as readings are acknowledged."""

import threading
from collections.abc import Callable, Iterator
from enum import StrEnum

from simulators.device_client.client import DeviceClient
from simulators.recordings.recording import Recording, Sample
from ward.clock import SECOND, Clock, Micros
from ward.errors import SettingsError
from ward.reading import Reading

# Flat out, at most this many readings wait for their acknowledgement.
ROOM = 256
POLL = 0.005  # seconds between two polls: a connection cannot wake a caller that waits for an acknowledgement


class ReplayTimes(StrEnum):
    """Which times the readings get."""

    NOW = "now"  # the time at which each is published
    PAST = "past"  # the recorded distances, the last one now: the backlog of a bed that was offline
    RECORDED = "recorded"  # those of the recording


def first_instant(recording: Recording, times: ReplayTimes, now: Micros) -> Micros:
    """The time of the first sample. Raises `SettingsError` for `RECORDED` when the recording has no times."""
    if times is ReplayTimes.NOW:
        return now
    if times is ReplayTimes.PAST:
        return now - round(recording.lasts * SECOND)
    if recording.begun is None:
        raise SettingsError(f"{recording.name} has no times of its own, only seconds: use `now` or `past`")
    return recording.begun


def repeat_samples(recording: Recording, every: float) -> Recording:
    """The recording at the cadence of a monitor: each sample is repeated `every` seconds until the next one."""
    if every <= 0:
        raise SettingsError("--hold must be more than 0 s")
    samples: list[Sample] = []
    for i, sample in enumerate(recording.samples):
        end = recording.samples[i + 1].t if i + 1 < len(recording.samples) else sample.t + every / 2
        n = 0
        while n == 0 or sample.t + n * every < end - 1e-9:
            samples.append(Sample(sample.t + n * every, sample.values))
            n += 1
    return Recording(recording.name, tuple(samples), recording.begun)


def readings(recording: Recording, device: str, ward: str, begun: Micros) -> Iterator[Reading]:
    """The recording as readings of a bridge that lost and delayed nothing, in virtual time, without a broker."""
    for sample in recording.samples:
        if sample.values:
            at = begun + round(sample.t * SECOND)
            yield Reading(device=device, ward=ward, at=at, received_at=at, values=dict(sample.values))


class Replay:
    """A part: hands the samples of a recording to a device. `speed` is how many times faster; None is flat out.

    It is done when all samples are handed over and all readings are acknowledged. Raises `SettingsError` for a
    speed or for times that cannot be used.
    """

    def __init__(
        self, recording: Recording, device: DeviceClient, clock: Clock, *, speed: float | None = 1.0,
        times: ReplayTimes | None = None, progress: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        if speed is not None and speed <= 0:
            raise SettingsError("the speed must be more than 0; use --flat-out for as fast as possible")
        times = times or (ReplayTimes.PAST if speed is None else ReplayTimes.NOW)
        if times is ReplayTimes.NOW and speed is None:
            raise SettingsError("flat out, `now` would give all readings the same time: use `past` or `recorded`")
        self._recording = recording
        self._device = device
        self._clock = clock
        self._speed = speed
        self._begun = first_instant(recording, times, clock.now())
        self._compression = (speed or 1.0) if times is ReplayTimes.NOW else 1.0
        self._started = clock.monotonic()
        self._progress = progress or (lambda _: None)
        self._replayed = 0
        self._end = threading.Event()
        device.power(True)
        device.plug(True)

    @property
    def replayed(self) -> int:
        """How many samples have been handed to the device."""
        return self._replayed

    @property
    def done(self) -> bool:
        """Whether all samples are handed over and all readings acknowledged."""
        return self._replayed == len(self._recording.samples) and not self._device.counts.buffered

    def step(self, wait: float) -> int:
        """Hand over what is due; when nothing is, wait at most `wait` seconds. Returns how much was done."""
        before = self._replayed
        while self._replayed < len(self._recording.samples) and self._due() <= 0:
            self._hand_over(self._recording.samples[self._replayed])
        work = self._replayed - before + self._device.exchange()
        if self._replayed != before:
            self._progress(self._replayed)
        if not work and wait > 0:
            self._end.wait(max(0.001, min(wait, self._due())))
        return work

    def close(self) -> None:
        """Disconnect. Readings without an acknowledgement stay in the buffer. Ends a wait at once."""
        self._end.set()
        self._device.close()

    def _due(self) -> float:
        """Seconds until the next sample is due; flat out, until there is room for it."""
        if self._replayed == len(self._recording.samples):
            return POLL
        if self._speed is None:
            return 0.0 if self._device.counts.buffered < ROOM else POLL
        t = self._recording.samples[self._replayed].t / self._speed
        return self._started + t - self._clock.monotonic()

    def _hand_over(self, sample: Sample) -> None:
        self._device.measure(self._begun + round(sample.t / self._compression * SECOND), sample.values)
        self._replayed += 1
