"""Annotations over the curves of a dashboard: alerts, and their acknowledgements."""

from collections.abc import Sequence

from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from grafana.panels.colours import ANNOTATION, GOOD
from grafana.queries.influxql import FACTS, Select, field
from grafana.queries.target import INFLUX_SOURCE


class InfluxAnnotation(AnnotationQuery):
    """An annotation with the keys of Grafana's InfluxDB data source, which the SDK does not have."""

    select: Select
    text_column: str
    end_column: str

    def to_json(self) -> dict[str, object]:
        common = super().to_json()
        target = {"fromAnnotations": True, "query": str(self.select), "rawQuery": True, "refId": "Anno"}
        columns = {
            "textColumn": self.text_column, "titleColumn": "", "tagsColumn": "bed", "timeEndColumn": self.end_column,
        }  # fmt: skip
        return common | {"query": str(self.select), "target": target | columns, "textEditor": True} | columns


def alert_annotations(*variables: str, where: Sequence[str] = (), enabled: bool = True) -> AnnotationQuery:
    """Each alert from its beginning to its end, with its text; an active alert has no end.

    `where` are conditions in InfluxQL. Annotations that are not `enabled` can be switched on above the dashboard.
    """
    query = Select.of(field("summary"), field("ends_ms"), field("bed"), source="episodes", policy=FACTS)
    return _annotation("Alerts", ANNOTATION, query.where(*where).selected(*variables), "summary", "ends_ms", enabled)


def acknowledgement_annotations(*variables: str, where: Sequence[str] = (), enabled: bool = True) -> AnnotationQuery:
    """Who acknowledged an alert, at the time of it; see `alert_annotations`."""
    query = Select.of(field("acknowledged_by"), field("bed"), source="alerts", policy=FACTS)
    query = query.where('"acknowledged" = 1', *where, state="active").selected(*variables)
    return _annotation("Acknowledged", GOOD, query, "acknowledged_by", "", enabled)


def _annotation(name: str, colour: str, query: Select, text: str, end: str, enabled: bool) -> AnnotationQuery:
    annotation = InfluxAnnotation(name=name, datasource=INFLUX_SOURCE, enable=enabled, icon_color=colour)
    annotation.select, annotation.text_column, annotation.end_column = query.first(500), text, end
    return annotation
