"""Times as they are written in files: ISO 8601, and numbers since 1970 or since any other beginning."""

import datetime as dt
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.detect.reading.numbers import numbers
from detectors.base.columns import Floats

# Counts since 1970 by their size, and how many of them are a second. Below these a number is a second of any beginning.
_SINCE_1970 = (
    (1e17, 1e9, "nanoseconds"),
    (1e14, 1e6, "microseconds"),
    (1e11, 1e3, "milliseconds"),
    (1e8, 1.0, "seconds"),
)
_SHORTEST = 8  # characters: shorter than any date, and longer than the words `now` and `today`, which NumPy reads
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d([T ].*)?", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How the times of a column are written.

    `per_second` is how many of its units are a second, None for ISO 8601. `words` describe it.
    """

    words: str
    per_second: float | None = None
    decimal_comma: bool = False

    def parse(self, texts: Sequence[str]) -> Floats:
        """Seconds since 1970, or since the beginning that the column has; NaN for a text that is no such time."""
        if self.per_second is None:
            return _iso(texts)
        return np.asarray(numbers(texts, self.decimal_comma).x / self.per_second)

    @property
    def is_clock(self) -> bool:
        """Whether the times are instants, not numbers of any beginning."""
        return self.per_second is None or "1970" in self.words

    def show(self, t: float) -> str:
        """A time in seconds as people read it; an instant in UTC."""
        if not self.is_clock:
            return f"{t:.10g}"
        try:
            found = _EPOCH + dt.timedelta(seconds=t)
        except (OverflowError, ValueError):
            return f"{t:.10g}"
        return found.isoformat(" ", "milliseconds").partition("+")[0].removesuffix(".000")

    def data(self, t: float) -> str | float:
        """A time in seconds as JSON: RFC 3339 in UTC, or the number."""
        shown = self.show(t)
        return f"{shown.replace(' ', 'T')}Z" if self.is_clock and " " in shown else t

    def labels(self, at: Sequence[float]) -> list[str]:
        """Times as the labels of an axis, without the seconds and hours that are 0 in all of them."""
        texts = [self.show(t) for t in at]
        for zeros in (":00", " 00:00"):
            if self.is_clock and all(text.endswith(zeros) for text in texts):
                texts = [text.removesuffix(zeros) for text in texts]
        return texts


ROW_NUMBERS = TimeFormat("row numbers, from 0", 1.0)


def time_format(texts: Sequence[str], decimal_comma: bool = False) -> TimeFormat | None:
    """The format of a column by its first texts, of which the empty ones do not count. None where half of the others
    are no times."""
    texts = [text for text in texts if text.strip()]
    if not texts:
        return None
    x = numbers(texts, decimal_comma).x
    known = x[~np.isnan(x)]
    if 2 * len(known) > len(texts):
        size = float(np.median(np.abs(known)))
        for least, per_second, unit in _SINCE_1970:
            if size >= least:
                return TimeFormat(f"{unit} since 1970", per_second, decimal_comma)
        return TimeFormat("numbers, taken as seconds", 1.0, decimal_comma)
    if 2 * int(np.isfinite(_iso(texts)).sum()) > len(texts):
        return TimeFormat("ISO 8601" if any(map(_has_zone, texts)) else "ISO 8601 without a zone, taken as UTC")
    return None


def _has_zone(text: str) -> bool:
    return re.search(r"(Z|[+-]\d\d:?\d\d)\s*$", text[10:], re.IGNORECASE) is not None


def _iso(texts: Sequence[str]) -> Floats:
    """Seconds since 1970 of ISO 8601 texts; one without a zone is in UTC."""
    if not texts:
        return np.empty(0)
    try:
        if min(map(len, texts)) >= _SHORTEST:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that it has no zone of its own: it converts to UTC
                return np.asarray(np.array(texts, dtype="M8[us]").astype(np.int64) / 1e6)
    except (ValueError, OverflowError):
        pass
    return np.array([_one(text.strip()) for text in texts], dtype=np.float64)


def _one(text: str) -> float:
    if _ISO.fullmatch(text) is None:
        return float("nan")
    try:
        found = dt.datetime.fromisoformat(text)
        found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found
        return (found - _EPOCH) / dt.timedelta(microseconds=1) / 1e6
    except (ValueError, OverflowError):
        return float("nan")
