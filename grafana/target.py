"""A panel's question, as Grafana's InfluxDB data source wants it; the SDK has no builder for it."""

from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from grafana.influxql import Select

Format = Literal["time_series", "table"]
SOURCE = DataSourceRef(type_val="influxdb", uid="wardwatch-influx")
PANELS = DataSourceRef(type_val="datasource", uid="-- Dashboard --")


@dataclass(frozen=True)
class Target(Dataquery, Builder[Dataquery]):
    """One question; `alias` names its curves: `$tag_bed` and `$col` are Grafana's words."""

    ask: Select
    form: Format = "time_series"
    ref: str = "A"
    alias: str = ""

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """The keys of Grafana 9.4 and later."""
        said: dict[str, object] = {
            "datasource": SOURCE, "query": str(self.ask), "rawQuery": True, "refId": self.ref,
            "resultFormat": self.form,
        }  # fmt: skip
        return said | ({"alias": self.alias} if self.alias else {})


@dataclass(frozen=True)
class Shared(Dataquery, Builder[Dataquery]):
    """The answer that another panel has got: asked once, it is the same everywhere."""

    panel: int

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """What Grafana's own data source for that wants."""
        return {"datasource": PANELS, "panelId": self.panel, "refId": "A"}
