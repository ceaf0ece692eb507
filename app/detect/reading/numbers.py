"""Numbers as they are written in files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats

# What stands for no value, in lower case.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "nat", "null", "none", "nil", "-", "--", "?"})

MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Numbers:
    """Texts as numbers: `x` is NaN where a text is no finite number, and `missing` says where it stands for none."""

    x: Floats
    missing: npt.NDArray[np.bool_]


def numbers(texts: Sequence[str], decimal_comma: bool = False) -> Numbers:
    """The numbers of some texts, with a decimal point, or with a decimal comma.

    >>> found = numbers(["36.8", " 1e3", "", "n/a", "high", "inf", "1_000"])
    >>> found.x.tolist(), np.flatnonzero(found.missing).tolist()
    ([36.8, 1000.0, nan, nan, nan, nan, nan], [2, 3])
    >>> numbers(["36,8"], decimal_comma=True).x.tolist()
    [36.8]
    """
    joined = "\n".join(texts)
    if "_" not in joined:  # Python's own numbers may have it
        try:
            parts = joined.replace(",", ".").split("\n") if decimal_comma else texts
            x = np.array(list(map(float, parts)), dtype=np.float64)
            if len(x) == len(texts) and np.isfinite(x).all():
                return Numbers(x, np.zeros(len(x), dtype=np.bool_))
        except ValueError:
            pass
    stripped = [text.strip() for text in texts]
    missing = np.array([text.lower() in MISSING for text in stripped], dtype=np.bool_)
    return Numbers(np.array([_one(text, decimal_comma) for text in stripped], dtype=np.float64), missing)


def digits(texts: Sequence[str], decimal_comma: bool = False) -> int:
    """The most digits after the point in some texts, 6 at most: what a value was rounded to.

    >>> digits(["36.80", "37", "1.5e3", "n/a", ""])
    2
    """
    point = "," if decimal_comma else "."
    found = (text.strip().lower().partition("e")[0].partition(point)[2] for text in texts)
    return max((min(len(part), MOST_DIGITS) for part in found if part.isdigit()), default=0)


def _one(text: str, decimal_comma: bool) -> float:
    if "_" in text:
        return math.nan
    try:
        found = float(text.replace(",", ".") if decimal_comma else text)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan
