"""The base class of detectors: parameters, columns of state, and one formula over arrays."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Literal, get_args

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.evidence import Evidence, Explanation, IdleTimes, P, SeriesInfo
from detectors.base.progress import Progress
from ward.config.rule import DetectorParams

# A device that sends after a pause of so many seconds gets a tick, whatever its detectors asked for.
DEVICE_PAUSE = 10.0


class Detector(Generic[P]):
    """Scores series: 1 is where a rule begins to hold. The engine decides for all detectors alike when a score becomes
    a finding.

    The statement `class Cusum(Detector[CusumParams], name="cusum")` registers a detector under its name. A detector
    reads no clock, does no input or output, and keeps nothing but its columns.

    `feed` is its input: `values`; `events`, which is 1 for each implausible value of its signals, or the value of a
    derived signal such as `lost_readings`; `ticks`, which is the passing of time alone; or `vector`, the values of
    several signals (`VectorDetector`). With `needs_ticks` the engine asks for the score also while no value comes.
    `sample` is a useful rule, for docs and tests.
    """

    registry: ClassVar[dict[str, "type[Detector[Any]]"]] = {}
    name: ClassVar[str]
    params: ClassVar[type[DetectorParams]]
    columns: ClassVar[Columns] = Columns()
    feed: ClassVar[Literal["values", "events", "ticks", "vector"]] = "values"
    needs_ticks: ClassVar[bool] = False
    sample: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, *, name: str = "") -> None:
        if not name:
            return
        cls.name = name
        cls.params = next(get_args(base)[0] for base in cls.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]
        Detector.registry[name] = cls

    def row(self, params: P, series: SeriesInfo) -> RowValues:
        """The parameters of one row as numbers, NaN for those not given. Override it for a parameter that is a word."""
        return {
            name: float("nan") if value is None else float(value)
            for name, value in params
            if value is None or isinstance(value, int | float)
        }

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        """Take one value of each row and return the scores, NaN where there are too few values for a score.

        `x`, `t` (seconds of the device's clock) and the columns of `state` and `p` are arrays of one length: at most
        one value of a row, in the order of time, except after a device's clock was set back. Assign to
        `state.<column>` what is to be kept.
        """
        raise NotImplementedError

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        """Take many values of each row and return all scores, equal to those of `update` for one value after the other;
        None to get them one after the other. Optional: it makes a device's backlog fast.

        `x` and the scores are (rows, n), and `t` (n,) rises, also from the time of the value before. The columns of
        `state` and `p` are (rows, 1), or (width, rows, 1). What is assigned to `state.<column>` is the column after
        each value, (rows, n), or after the last one, (rows, 1). A `WideColumn` is as for `update`, after the last
        value. Change `state` only after all that may raise or return None.
        """
        return None

    def tick_score(self, state: Any, idle: IdleTimes, p: Any) -> Floats:
        """The scores while no value comes. Changes nothing. For a detector that needs ticks."""
        raise NotImplementedError

    def seconds_until(self, score: Floats, state: Any, idle: IdleTimes, p: Any) -> Floats:
        """For each of some scores (n, rows), the seconds until `tick_score` returns it, negative where it was before.

        The result may be too small, never too large; inf is never, unless the device sends after a `DEVICE_PAUSE`.
        For a detector that needs ticks.
        """
        raise NotImplementedError

    def threshold_ratios(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, thresholds: Floats) -> Floats:
        """For each severity and row (3, n) the score divided by that severity's threshold, NaN for one not in use.

        `thresholds` (3, n) are those of the rule. Override it where severities have limits of their own.
        """
        return score / thresholds

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """After some values: each as people are shown it, which is the `value` of `explain`; and how bad it is. The one
        for which this is highest is the worst value of an episode. Override it where the score does not say that."""
        return x, score

    def progress(self, state: Any, t: Floats, p: Any) -> Progress | None:
        """How far each row is at `t` from its first score, or from scoring again; None for a detector that scores at
        once. `t` is now by the device's clock, in seconds."""
        return None

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats] | None:
        """Curves for dashboards by name, NaN where there is no figure yet; None for a detector without curves."""
        return None

    def explain(self, evidence: Evidence[P]) -> Explanation:
        """The text while the rule holds, such as `SpO2 84 % < 88`."""
        raise NotImplementedError

    def explain_end(self, evidence: Evidence[P]) -> Explanation:
        """The text when it is over, such as `SpO2 93 %, back above 90`."""
        raise NotImplementedError
