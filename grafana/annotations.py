"""Alerts and acknowledgements, drawn over every curve of a dashboard."""

from collections.abc import Sequence

from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from grafana.influxql import FACTS, Select, field
from grafana.palette import GOOD, SPAN
from grafana.target import SOURCE


class InfluxAnnotation(AnnotationQuery):
    """What Grafana's InfluxDB data source wants of an annotation, which the SDK has no words for."""

    ask: Select
    text: str
    until: str

    def to_json(self) -> dict[str, object]:
        said = super().to_json()
        asked = {"fromAnnotations": True, "query": str(self.ask), "rawQuery": True, "refId": "Anno"}
        columns = {"textColumn": self.text, "titleColumn": "", "tagsColumn": "bed", "timeEndColumn": self.until}
        return said | {"query": str(self.ask), "target": asked | columns, "textEditor": True} | columns


def alert_spans(*variables: str, where: Sequence[str] = (), shown: bool = True) -> AnnotationQuery:
    """From when to when an alert was there, with its words; one that is still there has no end.

    `where` are conditions as InfluxQL has them. What is not `shown` has a switch above the dashboard.
    """
    asked = Select.of(field("words"), field("ends_ms"), field("bed"), source="episodes", policy=FACTS)
    return _made("Alerts", SPAN, asked.where(*where).chosen(*variables), "words", "ends_ms", shown)


def acknowledgements(*variables: str, where: Sequence[str] = (), shown: bool = True) -> AnnotationQuery:
    """Who took an alert, when; see `alert_spans`."""
    asked = Select.of(field("acknowledged_by"), field("bed"), source="alerts", policy=FACTS)
    asked = asked.where('"acknowledged" = 1', *where, state="active").chosen(*variables)
    return _made("Acknowledged", GOOD, asked, "acknowledged_by", "", shown)


def _made(name: str, colour: str, ask: Select, text: str, until: str, shown: bool) -> AnnotationQuery:
    made = InfluxAnnotation(name=name, datasource=SOURCE, enable=shown, icon_color=colour)
    made.ask, made.text, made.until = ask.first(500), text, until
    return made
