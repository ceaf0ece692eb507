"""What is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.detect.evaluation import SeriesResult
from app.detect.reading.times import TimeFormat


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn: the name of the input, that of the detector, how times are shown, and the series."""

    title: str
    detector: str
    times: TimeFormat
    results: Sequence[SeriesResult]
