"""Links in messages: to the ward screen, or to a page that acknowledges an alert."""

from urllib.parse import quote

from ward.ack_link import PATH, AckLink, signed
from ward.clock import SECOND, Micros
from ward.config.alerting import Alerting


def screen_link(external_url: str, bed: str = "", alert: str = "") -> str:
    """The page of a bed, or of the ward where `bed` is empty; with `alert` the page opens that alert."""
    base = f"{external_url.rstrip('/')}/{f'bed/{quote(bed)}' if bed else ''}"
    return f"{base}?alert={quote(alert)}" if alert else base


def ack_link(alerting: Alerting, alert: str, channel: str, now: Micros) -> str:
    """The page on which a recipient of a channel acknowledges an alert; "" where the config has no key or address."""
    keys = alerting.signing_keys
    if not keys or not alerting.external_url:
        return ""
    link = AckLink(alert, channel, now + round(alerting.link_valid * SECOND))
    return f"{alerting.external_url.rstrip('/')}{PATH}{signed(link, keys[0])}"
