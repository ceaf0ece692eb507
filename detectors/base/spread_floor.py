"""The smallest standard deviation that a detector divides by: a series that is rounded may seem to have none."""

from typing import Annotated

from pydantic import Field

from detectors.base.evidence import SeriesInfo

SdFloor = Annotated[
    float, Field(ge=0, description="the smallest standard deviation to use; at least half of the last digit")
]


def spread_floor(sd_floor: float, series: SeriesInfo) -> float:
    """What a rule gives, but at least half of the last digit that the instrument shows.

    >>> from ward.signals import Signal
    >>> series = SeriesInfo(Signal(name="temperature", label="Temperature", unit="Cel", display="°C", precision=1))
    >>> spread_floor(0.0, series), spread_floor(0.2, series)
    (0.05, 0.2)
    """
    return max(sd_floor, 0.5 * 10.0**-series.signal.precision)
