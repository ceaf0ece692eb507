"""What a detector is: parameters, columns of state, and one formula over arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from ward.config.rule import Decision, DetectorParams
from ward.signals import Signal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
P = TypeVar("P", bound=DetectorParams)
Numbers = Mapping[str, float | Sequence[float]]

# A device that speaks again after such a pause, in seconds, is looked at, whatever its detectors asked for.
PAUSE = 10.0
# Instants at which a score is reached are moved by more than float arithmetic is off, in seconds: a moment too
# many is looked at, never one too few.
MARGIN = 1e-3


class Ring(NamedTuple):
    """A column of many numbers a row, of which an update touches few: it is left where it is."""

    start: float
    width: int


class Columns(dict[str, tuple[float, int] | Ring]):
    """The state of one row, by name: a start value, and how many numbers it is (1 unless said otherwise).

    `Columns(high=0.0, limits=(0.0, 3), sums=Ring(0.0, 60))`: one number; three; and sixty that stay in place.
    """

    def __init__(self, **columns: float | tuple[float, int] | Ring) -> None:
        super().__init__({name: c if isinstance(c, tuple) else (c, 1) for name, c in columns.items()})


class Rows:
    """Columns of some rows, as attributes: arrays of shape (rows,), or (width, rows) for several numbers a row.

    Assign to an attribute what is to be kept, also when it was changed in place. A `Ring` is all of it,
    (all rows, width): `slots` says which of its rows are ours.
    """

    slots: Ints | slice

    def __init__(self, rings: Mapping[str, Any], columns: dict[str, Any], slots: Ints | slice) -> None:
        self.__dict__.update(rings)
        self.__dict__.update(columns)
        self.__dict__.update(slots=slots, changed=set(), taken=columns)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        self.__dict__["changed"].add(name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no column {name!r}; there are {sorted(self.taken)}")


@dataclass(frozen=True, slots=True)
class Subject:
    """The series a row is about, as catalogue and inventory know it.

    `period` is the seconds between its values, where that is known; `silent_after` after how long without
    any message its device counts as missing; `expected` whether the inventory says that it should come,
    None where it says nothing.
    """

    signal: Signal
    period: float | None = None
    silent_after: float | None = None
    expected: bool | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """How long rows have been without a value, as arrays: now, in seconds since the epoch; the seconds since the
    series was last heard of, and since anything of its device was; how many values of the series have come, and
    the seconds between them on average (0 while there are fewer than two)."""

    now: Floats
    age: Floats
    device_age: Floats
    count: Floats
    usual: Floats

    def one(self, index: int) -> "Tick":
        """That of one row."""
        i = slice(index, index + 1)
        return Tick(self.now[i], self.age[i], self.device_age[i], self.count[i], self.usual[i])


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one row scored as it did: the value that decided, the limit it met, and a clause a nurse can read.

    `timed` is whether *for 15 s* may follow; a clause with a time of its own needs no second one.
    """

    value: float | None
    limit: float | None
    text: str
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Evidence(Generic[P]):
    """One row whose level changed, for the words about it.

    `level` is the one in question: the new one where it rose, the one it left where it fell. `state`
    holds the row's columns as arrays of one; `x` is NaN where time alone decided; `decision` is
    what the rule asks of the score.
    """

    params: P
    signal: Signal
    level: int
    x: float
    score: float
    state: Rows
    decision: Decision
    pulse: Tick | None = None


class Detector(Generic[P]):
    """Scores series. It only scores: when a score becomes a finding is decided in one place for all.

    A subclass is `class Cusum(Detector[CusumParams], kind="cusum")`; the class statement registers
    it. It looks at no clock, does no input or output and keeps nothing but its columns.

    `feed` says what it is given: `values`, `doubts` (1 for each implausible value of its signals, and facts of
    delivery as they are), or `silence` (nothing: only time passes). A detector that `ticks` is asked
    for its score also while nothing comes. `sample` is a rule that makes sense, for docs and tests.
    """

    registry: ClassVar[dict[str, "type[Detector[Any]]"]] = {}
    kind: ClassVar[str]
    params: ClassVar[type[DetectorParams]]
    columns: ClassVar[Columns] = Columns()
    feed: ClassVar[Literal["values", "doubts", "silence"]] = "values"
    ticks: ClassVar[bool] = False
    sample: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, *, kind: str = "") -> None:
        if not kind:
            return
        cls.kind = kind
        cls.params = next(get_args(base)[0] for base in cls.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]
        Detector.registry[kind] = cls

    def row(self, params: P, subject: Subject) -> Numbers:
        """The parameters of one row as numbers: NaN for what is not given. A detector with words overrides it."""
        return {
            name: float("nan") if value is None else float(value)
            for name, value in params
            if value is None or isinstance(value, int | float)
        }

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        """Take one value of each row and score it: 1 where the rule begins to hold, NaN while it is too early to say.

        `x`, `t` (seconds) and the columns of `state` and `p` are arrays of one length; at most one
        value of a row, in the order of time (a clock that was set back may break it once). Assign to
        `state.<column>` what is to be kept.
        """
        raise NotImplementedError

    def tick(self, state: Any, pulse: Tick, p: Any) -> Floats:
        """The score while no value comes. Changes nothing."""
        raise NotImplementedError

    def until(self, score: Floats, state: Any, pulse: Tick, p: Any) -> Floats:
        """For each of some scores (n, rows), the seconds until `tick` would give it, negative where it has been: too
        few is right, too many is wrong; inf is never, unless the device speaks again after a `PAUSE`."""
        raise NotImplementedError

    def levels(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, at: Floats) -> Floats:
        """For each severity and row (3, n), the score as a share of what that severity asks; NaN for one not in use.

        `at` (3, n) is what each severity asks. A detector whose limits differ by severity overrides it.
        """
        return score / at

    def numbers(self, state: Any, p: Any) -> Mapping[str, Floats] | None:
        """What is worth a curve on a dashboard, by name, NaN where there is nothing yet; None for no curves at all."""
        return None

    def explain(self, case: Evidence[P]) -> Explanation:
        """Words for what holds, such as `SpO2 84 % < 88`."""
        raise NotImplementedError

    def relief(self, case: Evidence[P]) -> Explanation:
        """Words for what is over, such as `SpO2 93 %, back above 90`."""
        raise NotImplementedError


def quantity(signal: Signal, x: float) -> str:
    """A value as people read it, with its unit: `84 %`."""
    return f"{signal.show(x)} {signal.display}".strip()


def finer(signal: Signal, x: float) -> str:
    """A derived number, which deserves a digit more than the instrument shows."""
    return f"{x:.{signal.precision + 1}f} {signal.display}".strip()


def exact(signal: Signal, x: float) -> str:
    """A limit at the instrument's precision, or at its own where it is finer: 0.5 is not `0`."""
    shown = signal.show(x)
    return shown if abs(float(shown) - x) < 1e-9 * max(1.0, abs(x)) else f"{x:.6g}"
