"""The spans of a week in which the shifts of a schedule name nobody."""

from ward.config.mute_time import WEEKDAYS
from ward.config.on_call import OnCallShift, Schedule
from ward.config.shift import minute_of_day

_DAY = 24 * 60
_WEEK = 7 * _DAY


def weekly_gaps(schedule: Schedule) -> list[str]:
    """The spans of a week without a shift: `from sunday 19:00 to monday 07:00`."""
    spans = [span for shift in schedule.shifts for span in _spans(shift)]
    if not spans:
        return ["all week"]
    bounds = sorted({bound % _WEEK for span in spans for bound in span})
    following = [*bounds[1:], bounds[0]]
    return [
        f"from {_shown(bound)} to {_shown(until)}"
        for bound, until in zip(bounds, following, strict=True)
        if not any(start <= bound + later < end for start, end in spans for later in (0, _WEEK))
    ]


def _spans(shift: OnCallShift) -> list[tuple[int, int]]:
    """Begin and end of a shift in minutes since Monday 00:00, for each day on which it begins."""
    begin = minute_of_day(shift.from_)
    lasts = (minute_of_day(shift.until) - begin) % _DAY or _DAY
    days = [i for i, day in enumerate(WEEKDAYS) if not shift.weekdays or day in shift.weekdays]
    return [(day * _DAY + begin, day * _DAY + begin + lasts) for day in days]


def _shown(minute: int) -> str:
    day, rest = divmod(minute % _WEEK, _DAY)
    return f"{WEEKDAYS[day]} {rest // 60:02d}:{rest % 60:02d}"
