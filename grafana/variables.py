"""The variables of the dashboards. One value or *all* each: what a wall shows is told by its address."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from grafana.influxql import FACTS, Select, chosen, field, name
from grafana.target import SOURCE
from ward.retention_policy import default_policy

EVERYTHING = ".*"
WHOLE = "_all"  # the tag of `overview` for the whole hospital: no ward can be called so
_EVERYTHING_CHOSEN = VariableOption(selected=True, text="All", value="$__all")


def ward() -> QueryVariable:
    """The wards that vitals or telemetry come from."""
    return _tag("ward", "Ward", "vitals")


def bed(of: str = "vitals") -> QueryVariable:
    """The beds of the chosen ward."""
    return _tag("bed", "Bed", of, "ward")


def device(of: str = "telemetry", *within: str) -> QueryVariable:
    """The devices that send such a measurement, of the chosen ward unless told otherwise."""
    return _tag("device", "Device", of, *(within or ("ward",)))


def imaging_device() -> QueryVariable:
    """The imaging machines with loggers in their rooms."""
    return _tag("imaging_device", "Machine", "telemetry")


def resolution() -> QueryVariable:
    """Hidden: the finest retention policy that is quick for a range of this width and still has its beginning.

    From what `influx apply` wrote. It is asked anew whenever the range changes, so a panel's question is the same for
    an hour and for a year, for today and for last spring.
    """
    asked = Select.of(field("policy"), source="resolutions", policy=FACTS)
    asked = asked.where(f"{name('below_ms')} > ${{__to}} - ${{__from}}").during("time >= now() - ${__from}ms").first(1)
    variable = QueryVariable("resolution").id("resolution").label("Resolution").datasource(SOURCE).query(str(asked))
    return variable.hide(VariableHide.HIDE_VARIABLE).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)


# A variable is found by its id: one that the SDK gives them all is nobody's.
def _tag(tag: str, label: str, measurement: str, *within: str) -> QueryVariable:
    variable = QueryVariable(tag).id(tag).label(label).datasource(SOURCE).query(_values(tag, measurement, within))
    variable = variable.include_all(True).all_value(EVERYTHING).multi(False).sort(VariableSort.ALPHABETICAL_ASC)
    return variable.refresh(VariableRefresh.ON_DASHBOARD_LOAD).current(_EVERYTHING_CHOSEN)


def _values(tag: str, measurement: str, within: Sequence[str]) -> str:
    where = f" WHERE {' AND '.join(map(chosen, within))}" if within else ""
    return f'SHOW TAG VALUES FROM "{default_policy(measurement)}".{name(measurement)} WITH KEY = {name(tag)}{where}'


def overview_ward() -> QueryVariable:
    """The ward on the wall; *all* is a ward of its own there, whose places are sorted over the whole hospital."""
    return _tag("ward", "Ward", "overview_wards").all_value(WHOLE).regex(f"/^(?!{WHOLE}$).*/")
