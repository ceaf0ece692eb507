"""A value outside what is usual at this hour of the day and on this day of the week."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from detectors.base.columns import Columns, Floats, Ints, RowValues, WideColumn
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.local_hours import local_seconds, zone_number
from detectors.base.progress import Progress, of_seconds
from detectors.base.season_cells import CELLS, DAYS, NUMBERS, PARTS, add_visit, usual
from detectors.base.spread_floor import SdFloor, spread_floor
from detectors.base.texts import band, check_hint, threshold
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

UNUSUAL = TextTemplate(
    TextKind.ALERT, "{signal} {value}, usual at this time is {band}{check}", signal="Humidity", value="61.5 %",
    band="40.12 to 48.90 %", check=": check sensor",
)  # fmt: skip
USUAL = TextTemplate(
    TextKind.ENDING, "{signal} {value}, usual at this time again", signal="Humidity", value="44.5 %"
)  # fmt: skip


class SeasonalParams(DetectorParams):
    """How wide the band is and from how much it is learned. Each of the 24 parts of the season is learned from its
    visits, one a day; the season may also be another one than a day."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    limit: float = Field(4.0, gt=0, description="the distance at which the score is 1, in standard deviations")
    season: Seconds = Field(86_400.0, gt=0, description="after what time the values repeat: a day unless given")
    weekly: bool = Field(
        True, description="whether days of the week differ: a part of the week is learned from its own visits, and "
        "while these are few, from the same part of all days; it is scored from the second week on",
    )  # fmt: skip
    visits: int = Field(3, ge=2, description="of how many days a part of the day must be known before it is scored")
    memory: int = Field(60, ge=2, description="how many of the newest visits a band is of, about")
    sd_floor: SdFloor = 0.0
    timezone: str | None = Field(None, description="the time zone that has these days; left out, that of the site")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None:
            zone_number(value)
        return value


class Seasonal(Detector[SeasonalParams], name="seasonal"):
    """The distance from the mean of this part of the season, in standard deviations, as a share of what is allowed.

    score = |x − m|/(limit·s). A season has 24 parts; m and s of a part are those of all its visits, in which each visit
    counts alike, so s has what varies within a visit and from day to day. With `weekly` they are a mean of the part of
    the week, with weight n/(n + 4) after n visits, and the part of the day. A value beyond the limits is learned as if
    it were on the limit, once its part of the week was visited as often as `visits` asks; and none is learned before
    its visit is over.

    >>> from detectors.tapes.example import example
    >>> rule = dict(season="24s", weekly=False, sd_floor=1)
    >>> example("seasonal", "(60x12 90x12)x4 60x6 90 60", **rule)
    102s raised medium: Heart rate 90 /min, usual at this time is 56.0 to 64.0 /min: check leads
    103s cleared recovered: Heart rate 60 /min, usual at this time again

    Shrinkage towards the mean of all days: Efron, B. and Morris, C. (1975), Data analysis using Stein's estimator and
    its generalizations, Journal of the American Statistical Association 70, 311–319. Values on the limit for values
    beyond it: Huber, P. J. (1964), Robust estimation of a location parameter, Annals of Mathematical Statistics 35,
    73–101.
    """

    # The part that the newest value is in, and since when and until when; of its values the number, the first one, and
    # sums of distances from that and of their squares; what is usual in it, and how many visits it had on any
    # day and on this day of the week.
    columns = Columns(
        part=np.nan, since=np.nan, until=np.nan, count=0.0, first=0.0, total=0.0, squares=0.0, mean=np.nan, sd=np.nan,
        days=0.0, weeks=0.0, cells=WideColumn(0.0, CELLS * NUMBERS),
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"season": "24h", "limit": 5, "sd_floor": 2}

    def row(self, params: SeasonalParams, series: SeriesInfo) -> RowValues:
        return {
            "limit": params.limit, "width": params.season / PARTS, "weekly": float(params.weekly),
            "visits": float(params.visits), "memory": float(params.memory),
            "floor": spread_floor(params.sd_floor, series),
            "zone": zone_number(series.timezone if params.timezone is None else params.timezone),
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        moved = np.flatnonzero(~((state.since <= t) & (t < state.until)))
        if len(moved):
            self._next_part(state, moved, x[moved], t[moved], p)
        known, far = _known(state, p), p.limit * state.sd
        damped = known & ((state.weeks >= p.visits) | (p.weekly == 0))
        learned = np.where(damped, np.minimum(np.maximum(x, state.mean - far), state.mean + far), x)
        off = learned - state.first
        state.count = state.count + 1
        state.total, state.squares = state.total + off, state.squares + off * off
        return np.where(known, np.abs(x - state.mean) / far, np.nan)

    def _next_part(self, state: Any, rows: Ints, x: Floats, t: Floats, p: Any) -> None:
        """Learn from the visit that is over, and look up what is usual in the part that begins."""
        cells = state.cells.reshape(-1, CELLS, NUMBERS)
        slots = np.arange(len(cells))[state.slots][rows]
        over = state.count[rows] > 0
        if over.any():
            _learn(cells, slots[over], state, rows[over], p.memory[rows[over]])
        width = p.width[rows]
        local = local_seconds(t, p.zone[rows])
        number = np.floor(local / width)
        part = number % (PARTS * DAYS)
        since = t - (local - number * width)
        days, weeks, mean, sd = usual(cells, slots, part.astype(np.intp), p.weekly[rows])
        first = np.where(days > 0, mean, x)
        for name, values in (
            ("part", part), ("since", since), ("until", since + width), ("count", 0.0), ("first", first),
            ("total", 0.0), ("squares", 0.0), ("mean", mean), ("sd", np.maximum(sd, p.floor[rows])),
            ("days", days), ("weeks", weeks),
        ):  # fmt: skip
            column = getattr(state, name)
            column[rows] = values
            setattr(state, name, column)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        """In days that had this part of the day, and a week where the part of the week is new."""
        day = p.width * PARTS
        new = (state.weeks == 0) & (p.weekly > 0)
        have, needed = np.where(new, np.minimum(state.days, DAYS - 1), state.days), np.where(new, DAYS, p.visits)
        return of_seconds(have * day, needed * day)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        known = _known(state, p)
        return {name: np.where(known, column, np.nan) for name, column in (("target", state.mean), ("sd", state.sd))}

    def explain(self, evidence: Evidence[SeasonalParams]) -> Explanation:
        state, signal = evidence.state, evidence.signal
        mean = float(state.mean[0])
        far = threshold(evidence) * evidence.params.limit * float(state.sd[0])
        text = UNUSUAL(
            signal=signal.label, value=quantity(signal, evidence.x), band=band(signal, mean - far, mean + far),
            check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[SeasonalParams]) -> Explanation:
        text = USUAL(signal=evidence.signal.label, value=quantity(evidence.signal, evidence.x))
        return Explanation(evidence.x, None, text)


def _known(state: Any, p: Any) -> npt.NDArray[np.bool_]:
    return np.asarray((state.days >= p.visits) & ((state.weeks > 0) | (p.weekly == 0)))


def _learn(cells: Floats, slots: Ints, state: Any, rows: Ints, memory: Floats) -> None:
    """Add the visit of some rows to its part of the day and to its part of the week."""
    part, count = state.part[rows].astype(np.intp), state.count[rows]
    off = state.total[rows] / count
    mean, variance = state.first[rows] + off, np.maximum(state.squares[rows] / count - off * off, 0.0)
    for cell in (part % PARTS, PARTS + part):
        add_visit(cells, slots, cell, mean, variance, memory)
