"""Cross checks of `handover` and `alarm_load`: shifts cover the day once, receivers exist."""

from collections.abc import Collection, Iterator, Sequence

from ward.config.alerting import Alerting
from ward.config.shift import Shift, minute_of_day
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable

_DAY = 24 * 60
_MIDNIGHT = "24:00"


def check_reports(
    alerting: Alerting, document: Document, written: Document, receivers: Collection[str], faults: FaultCollector
) -> Iterator[str]:
    """Adds the faults, and yields the receivers of reports. `written` is the document as it is in the file."""
    if len(alerting.handover.shifts) >= _count(written):  # else one had a fault: what lies beside it is not known
        _check_shifts(alerting.handover.shifts, document, faults)
    if alerting.alarm_load.at == _MIDNIGHT:
        faults.add(document, ("alarm_load", "at"), 'write midnight as "00:00"')
    for section, names in (("handover", alerting.handover.receivers), ("alarm_load", alerting.alarm_load.receivers)):
        for i, name in enumerate(names):
            yield name
            if name not in receivers:
                faults.unknown(document, (section, "receivers", i), "receiver", name, receivers)


def _count(written: Document) -> int:
    """How many shifts the file has."""
    section = written.root.child("handover")
    shifts = section.child("shifts") if section is not None else None
    return len(shifts.value) if shifts is not None and isinstance(shifts.value, list) else 0


def _check_shifts(shifts: Sequence[Shift], document: Document, faults: FaultCollector) -> None:
    path: KeyPath = ("handover", "shifts")
    if not shifts:
        faults.add(document, path, "name at least one shift, or leave `shifts` out")
    for i, shift in enumerate(shifts):
        if any(other.name == shift.name for other in shifts[:i]):
            faults.add(document, (*path, i, "name"), f"there are two shifts '{printable(shift.name, 40)}'")
        for key in ("from", "until"):
            if _MIDNIGHT in (shift.from_ if key == "from" else shift.until):
                faults.add(document, (*path, i, key), 'write midnight as "00:00"')
    in_order = sorted(range(len(shifts)), key=lambda i: minute_of_day(shifts[i].from_))
    for i, follower in zip(in_order, [*in_order[1:], *in_order[:1]], strict=True):
        problem = _problem(shifts[i], shifts[follower], alone=len(shifts) == 1)
        if problem:
            faults.add(document, (*path, i, "until"), problem)


def _problem(shift: Shift, follower: Shift, *, alone: bool) -> str:
    """What is wrong between a shift and the one that begins next; empty where one follows the other."""
    begin = minute_of_day(shift.from_)
    lasts = (minute_of_day(shift.until) - begin) % _DAY or _DAY
    free = (minute_of_day(follower.from_) - begin) % _DAY
    free = _DAY if alone else free
    names = f"shift '{printable(shift.name, 40)}'", f"shift '{printable(follower.name, 40)}'"
    if lasts > free:
        return f"{names[0]} goes on until {shift.until}, and {names[1]} begins at {follower.from_}: they overlap"
    if lasts < free:
        return f"nobody has a shift from {shift.until} to {follower.from_}, between {names[0]} and {names[1]}"
    return ""
