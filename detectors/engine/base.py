"""What a detector is: parameters, columns of state, and one formula over arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from ward.config.rule import DetectorParams
from ward.signals import Signal

Floats = npt.NDArray[np.float64]
P = TypeVar("P", bound=DetectorParams)


class Columns(dict[str, tuple[float, int]]):
    """The state of one row, by name: a start value, and how many numbers it is (1 unless said otherwise).

    `Columns(high=0.0, sums=(0.0, 12))`: one number, and a ring of twelve.
    """

    def __init__(self, **columns: float | tuple[float, int]) -> None:
        super().__init__({name: c if isinstance(c, tuple) else (c, 1) for name, c in columns.items()})


class Rows(SimpleNamespace):
    """Columns of some rows, as attributes: arrays of shape (rows,) or (rows, width)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why one row scored as it did: the value that decided, the limit it met, and a clause a nurse can read."""

    value: float | None
    limit: float | None
    text: str


class Detector(Generic[P]):
    """Scores series. It only scores: when a score becomes a finding is decided in one place for all.

    A subclass is `class Cusum(Detector[CusumParams], kind="cusum")`; the class statement registers
    it. It looks at no clock, does no input or output and keeps nothing but its columns.

    `feed` says what it is given: `values`, `doubts` (1 for each implausible value of its signals), or
    `silence` (nothing: only `tick`, with the age of each series).
    """

    registry: ClassVar[dict[str, "type[Detector[Any]]"]] = {}
    kind: ClassVar[str]
    params: ClassVar[type[DetectorParams]]
    columns: ClassVar[Columns] = Columns()
    feed: ClassVar[Literal["values", "doubts", "silence"]] = "values"
    ticks: ClassVar[bool] = False

    def __init_subclass__(cls, *, kind: str = "") -> None:
        if not kind:
            return
        cls.kind = kind
        cls.params = next(get_args(base)[0] for base in cls.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]
        Detector.registry[kind] = cls

    def row(self, params: P) -> Mapping[str, float]:
        """The parameters of one row as numbers: NaN for what is not given. A detector with words overrides it."""
        return {
            name: float("nan") if value is None else float(value)
            for name, value in params
            if value is None or isinstance(value, int | float)
        }

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        """Take one value of each row and score it: 1 where the rule begins to hold, NaN while it is too early to say.

        `x`, `t` (seconds) and the columns of `state` and `p` are arrays of one length; at most one
        value of a row, in the order of time. Assign to `state.<column>` what is to be kept.
        """
        raise NotImplementedError

    def tick(self, state: Any, now: float, age: Floats, device_age: Floats, p: Any) -> Floats:
        """The score without a new value, at `now`: `age` is the seconds since the series was last heard of,
        `device_age` those since anything of its device was. Asked of a detector that `ticks`, about once a second."""
        raise NotImplementedError

    def levels(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, at: Floats) -> Floats:
        """For each row and severity (n, 3), the score as a share of what that severity asks; NaN for one not in use.

        `at` (n, 3) is what each severity asks. A detector whose limits differ by severity overrides it.
        """
        return score[:, None] / at

    def explain(self, params: P, signal: Signal, level: int, score: float, state: Any, x: float) -> Verdict:
        """Words for one row of the state, such as `SpO2 84 % < 88`."""
        raise NotImplementedError
