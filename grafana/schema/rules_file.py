"""`alerting/rules-*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from grafana.schema import Duration, Named, Strict, Uid

RefId = Annotated[str, Field(pattern=r"^[A-Z]$")]


class TimeRange(Strict):
    """Seconds before now; `from` is further back."""

    from_: Annotated[int, Field(alias="from", ge=0)]
    to: Annotated[int, Field(ge=0)]


class Expression(Strict):
    """A calculation of Grafana's."""

    refId: RefId
    type: Literal["reduce", "math"]
    expression: Named
    reducer: Literal["last", "max", "min", "sum", "mean", "count"] | None = None
    settings: dict[Literal["mode"], Literal["dropNN", "replaceNN", ""]] | None = None


class Question(Strict):
    """A question to InfluxDB, in InfluxQL."""

    refId: RefId
    query: Named
    rawQuery: Literal[True]
    resultFormat: Literal["time_series"]
    intervalMs: int
    maxDataPoints: int


class Part(Strict):
    """A part of a rule."""

    refId: RefId
    queryType: str = ""
    relativeTimeRange: TimeRange
    datasourceUid: Uid
    model: dict[str, Any]


class Rule(Strict):
    """A rule. That an answer is missing may never be fine."""

    uid: Uid
    title: Annotated[str, Field(min_length=1, max_length=190)]
    condition: RefId
    data: Annotated[list[Part], Field(min_length=1)]
    dashboardUid: Uid | None = None
    panelId: int | None = None
    noDataState: Literal["Alerting", "NoData"]
    execErrState: Literal["Alerting", "Error"]
    for_: Annotated[Duration, Field(alias="for")]
    annotations: dict[Named, Named]
    labels: dict[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], Named]


class Group(Strict):
    """Rules that are looked at together."""

    orgId: Literal[1]
    name: Named
    folder: Named
    interval: Duration
    rules: Annotated[list[Rule], Field(min_length=1)]


class RulesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    groups: list[Group]
