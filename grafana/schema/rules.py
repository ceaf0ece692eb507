"""`alerting/rules-*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from grafana.schema import Duration, NonEmpty, Strict, Uid

RefId = Annotated[str, Field(pattern=r"^[A-Z]$")]


class TimeRange(Strict):
    """Seconds before now; `from` is the earlier one."""

    from_: Annotated[int, Field(alias="from", ge=0)]
    to: Annotated[int, Field(ge=0)]


class Expression(Strict):
    """A calculation by Grafana."""

    refId: RefId
    type: Literal["reduce", "math"]
    expression: NonEmpty
    reducer: Literal["last", "max", "min", "sum", "mean", "count"] | None = None
    settings: dict[Literal["mode"], Literal["dropNN", "replaceNN", ""]] | None = None


class Query(Strict):
    """A query in InfluxQL."""

    refId: RefId
    query: NonEmpty
    rawQuery: Literal[True]
    resultFormat: Literal["time_series"]
    intervalMs: int
    maxDataPoints: int


class Part(Strict):
    """One query or expression of a rule."""

    refId: RefId
    queryType: str = ""
    relativeTimeRange: TimeRange
    datasourceUid: Uid
    model: dict[str, Any]


class Rule(Strict):
    """One alert rule. Neither a missing answer nor an error may count as OK."""

    uid: Uid
    title: Annotated[str, Field(min_length=1, max_length=190)]
    condition: RefId
    data: Annotated[list[Part], Field(min_length=1)]
    dashboardUid: Uid | None = None
    panelId: int | None = None
    noDataState: Literal["Alerting", "NoData"]
    execErrState: Literal["Alerting", "Error"]
    for_: Annotated[Duration, Field(alias="for")]
    annotations: dict[NonEmpty, NonEmpty]
    labels: dict[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], NonEmpty]


class RuleGroup(Strict):
    """Rules that are evaluated together."""

    orgId: Literal[1]
    name: NonEmpty
    folder: NonEmpty
    interval: Duration
    rules: Annotated[list[Rule], Field(min_length=1)]


class RulesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    groups: list[RuleGroup]
