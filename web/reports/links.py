"""Links to the pages of reports."""

from urllib.parse import quote, urlencode

from ward.config.alerting import Alerting
from web.schemas import AlarmLoadSchema, HandoverSchema


def handover_link(alerting: Alerting, report: HandoverSchema) -> str:
    """The page of a handover, of the same ward and span."""
    query = urlencode({"ward": report["ward"], "from": report["start"], "to": report["end"]}, quote_via=quote)
    return f"{alerting.external_url.rstrip('/')}/handover?{query}"


def alarm_load_link(alerting: Alerting, load: AlarmLoadSchema) -> str:
    """The page of an alarm load, of the same span."""
    query = urlencode({"ward": load["ward"], "from": load["start"], "to": load["end"]}, quote_via=quote)
    return f"{alerting.external_url.rstrip('/')}/alarm-load?{query}"
