"""Exponential back-off: the pauses between attempts at something that fails."""

from ward.clock import Clock


class Backoff:
    """Pauses of `first`, `first * factor`, `first * factor**2` … seconds between attempts, at most `longest`.

    `failed` counts a failure and starts the pause; `seconds_left` and `due` say when the next attempt may be made, by
    the monotonic time of `clock`. `pause` is the bare formula, for callers that keep the number of failures elsewhere.

    Raises `ValueError` unless 0 < first <= longest and factor > 1.
    """

    def __init__(self, clock: Clock, first: float, longest: float, factor: float = 2.0) -> None:
        if not 0 < first <= longest or factor <= 1:
            raise ValueError("a back-off needs 0 < first <= longest and factor > 1")
        self._clock = clock
        self._first = first
        self._longest = longest
        self._factor = factor
        self._failures = 0
        self._not_before = float("-inf")

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many earlier failures in a row: `first` after 0."""
        try:
            return min(self._longest, self._first * self._factor**failures)
        except OverflowError:
            return self._longest

    def failed(self) -> float:
        """Count a failure and start the pause. Returns its length in seconds."""
        pause = self.pause(self._failures)
        self._failures += 1
        self._not_before = self._clock.monotonic() + pause
        return pause

    def seconds_left(self) -> float:
        """Seconds until the next attempt may be made; 0 when it may be made now."""
        return max(0.0, self._not_before - self._clock.monotonic())

    def due(self) -> bool:
        """Whether the next attempt may be made now."""
        return self._clock.monotonic() >= self._not_before

    def succeeded(self) -> None:
        """The next failure is followed by `first` again. A pause that has begun continues."""
        self._failures = 0

    def reset(self) -> None:
        """Forget all failures: the next attempt may be made now."""
        self._failures = 0
        self._not_before = float("-inf")
