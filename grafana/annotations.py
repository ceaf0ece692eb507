"""Alerts and acknowledgements, drawn over every curve of a dashboard."""

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


def alert_spans(*variables: str) -> AnnotationQuery:
    """From when to when an alert was there, with its words; one that is still there has no end."""
    asked = Select.of(field("words"), field("ends_ms"), field("bed"), source="episodes", policy=FACTS)
    return _made("Alerts", SPAN, asked.chosen(*variables), "words", "ends_ms")


def acknowledgements(*variables: str) -> AnnotationQuery:
    """Who took an alert, when."""
    asked = Select.of(field("acknowledged_by"), field("bed"), source="alerts", policy=FACTS)
    asked = asked.where('"acknowledged" = 1', state="active").chosen(*variables)
    return _made("Acknowledged", GOOD, asked, "acknowledged_by", "")


def _made(name: str, colour: str, ask: Select, text: str, until: str) -> AnnotationQuery:
    made = InfluxAnnotation(name=name, datasource=SOURCE, enable=True, icon_color=colour)
    made.ask, made.text, made.until = ask.first(500), text, until
    return made
