"""The target of a panel, in the format of Grafana's InfluxDB data source; the SDK has no builder for it."""

from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from grafana.queries.influxql import Select

ResultFormat = Literal["time_series", "table"]
INFLUX_SOURCE = DataSourceRef(type_val="influxdb", uid="wardwatch-influx")
DASHBOARD_SOURCE = DataSourceRef(type_val="datasource", uid="-- Dashboard --")


@dataclass(frozen=True)
class Target(Dataquery, Builder[Dataquery]):
    """One query; `alias` names its series: Grafana replaces `$tag_bed` and `$col` in it."""

    query: Select
    result_format: ResultFormat = "time_series"
    ref_id: str = "A"
    alias: str = ""

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """The keys of Grafana 9.4 and later."""
        target: dict[str, object] = {
            "datasource": INFLUX_SOURCE, "query": str(self.query), "rawQuery": True, "refId": self.ref_id,
            "resultFormat": self.result_format,
        }  # fmt: skip
        return target | ({"alias": self.alias} if self.alias else {})


@dataclass(frozen=True)
class SharedTarget(Dataquery, Builder[Dataquery]):
    """The result of another panel's query: sent once, so all panels show the same result."""

    panel: int

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """The format of Grafana's data source `-- Dashboard --`."""
        return {"datasource": DASHBOARD_SOURCE, "panelId": self.panel, "refId": "A"}
