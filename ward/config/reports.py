"""What `alerts.yaml` says about reports: the handover at the change of shift, and the weekly report of alarm load."""

from pydantic import Field

from ward.config.base_model import ConfigModel, TextList
from ward.config.mute_time import TimeOfDay, Weekday
from ward.config.shift import TWO_SHIFTS, Shift


class Handover(ConfigModel):
    """The shifts, and who gets the handover of each ward by mail when a shift ends."""

    shifts: tuple[Shift, ...] = Field(
        TWO_SHIFTS,
        description="parts of the day in `timezone` that cover it without gap or overlap; left out, two of 12 h that "
        "change at 07:00 and 19:00",
    )
    receivers: TextList = Field((), description="receivers that get it at each change of shift; left out, nobody")


class AlarmLoad(ConfigModel):
    """The weekly report of alarm load: when, to whom, and how many alarms are too many."""

    budget: float = Field(
        24.0, gt=0, le=1000,
        description="how many alarms a bed may have in a shift of 12 h, a shorter shift its share: docs/reports.md "
        "says where 24 comes from",
    )  # fmt: skip
    receivers: TextList = Field((), description="receivers that get it every week; left out, nobody")
    weekday: Weekday = Field("monday", description="on which day; it is about the seven days before")
    at: TimeOfDay = Field("08:00", description="at what time of that day, in `timezone`")
