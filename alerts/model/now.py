"""The time of one step of the pipeline."""

import msgspec

from ward.clock import Micros


class Now(msgspec.Struct, frozen=True):
    """The current time: on the wall clock, which people are shown, and in steady time, which measures intervals.

    Both in microseconds; `alerts.steady_clock` explains steady time.
    """

    wall: Micros
    steady: Micros
