"""The template variables of the dashboards. Each has one value or *All*, and can be set in the address."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from grafana.queries.influxql import FACTS, Select, field, name, selected
from grafana.queries.target import INFLUX_SOURCE
from ward.retention_policy import default_policy

ALL_VALUE = ".*"
HOSPITAL = "_all"  # the tag `ward` of `overview` for the whole hospital: no ward can have this id
_ALL_SELECTED = VariableOption(selected=True, text="All", value="$__all")


def ward() -> QueryVariable:
    """The wards with vital signs or telemetry."""
    return _tag("ward", "Ward", "vitals")


def bed(measurement: str = "vitals") -> QueryVariable:
    """The beds of the selected ward."""
    return _tag("bed", "Bed", measurement, "ward")


def device(measurement: str = "telemetry", *within: str) -> QueryVariable:
    """The devices with this measurement, in the selected ward or in what the variables `within` select."""
    return _tag("device", "Device", measurement, *(within or ("ward",)))


def imaging_device() -> QueryVariable:
    """The imaging devices with loggers in their rooms."""
    return _tag("imaging_device", "Imaging device", "telemetry")


def resolution() -> QueryVariable:
    """Hidden: the retention policy with the finest data that is fast for the time range and still has its beginning.

    `influx apply` writes these policies. Grafana reads the variable again when the time range changes, so the queries
    of a panel are the same for an hour and for a year, for today and for last spring.
    """
    query = Select.of(field("policy"), source="resolutions", policy=FACTS)
    query = query.where(f"{name('below_ms')} > ${{__to}} - ${{__from}}").during("time >= now() - ${__from}ms").first(1)
    variable = QueryVariable("resolution").id("resolution").label("Resolution")
    variable = variable.datasource(INFLUX_SOURCE).query(str(query))
    return variable.hide(VariableHide.HIDE_VARIABLE).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)


# Grafana finds a variable by its id; the SDK would give the same id to all of them.
def _tag(tag: str, label: str, measurement: str, *within: str) -> QueryVariable:
    query = _tag_values(tag, measurement, within)
    variable = QueryVariable(tag).id(tag).label(label).datasource(INFLUX_SOURCE).query(query)
    variable = variable.include_all(True).all_value(ALL_VALUE).multi(False).sort(VariableSort.ALPHABETICAL_ASC)
    return variable.refresh(VariableRefresh.ON_DASHBOARD_LOAD).current(_ALL_SELECTED)


def _tag_values(tag: str, measurement: str, within: Sequence[str]) -> str:
    where = f" WHERE {' AND '.join(map(selected, within))}" if within else ""
    return f'SHOW TAG VALUES FROM "{default_policy(measurement)}".{name(measurement)} WITH KEY = {name(tag)}{where}'
