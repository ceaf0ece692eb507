"""Contact points: Wardwatch's notifier, and one pair for each receiver of alerts.yaml.

Of each pair, one is notified of ends and one is not.
"""

from collections.abc import Iterator
from typing import Any

from grafana.alerting.templates import BODY, SUBJECT
from grafana.alerting.variables import SENDER_PASSWORD, WEB_URL, channel_variable, literal, variable
from ward.config.alerting import Alerting, Channel, Receiver

WARDWATCH = "wardwatch"
SENDER = "grafana"  # its name in `trusted_senders` of alerts.yaml
# Ends are notified by Grafana itself only for alerts whose end Grafana can know.
WITH_ENDS = " (with ends)"


def contact_points(alerting: Alerting) -> dict[str, Any]:
    """The content of Grafana's file."""
    points = [_point(WARDWATCH, [_notifier(WARDWATCH)])]
    for receiver in alerting.receivers:
        for ends in (False, True):
            name = direct(receiver.name, ends=ends)
            channels = _channels(alerting, receiver, name, ends and receiver.send_resolved)
            points.append(_point(name, [_notifier(name), *channels]))
    return {"apiVersion": 1, "contactPoints": points}


def direct(receiver: str, *, ends: bool) -> str:
    """The name of the contact point by which Grafana itself notifies a receiver."""
    return f"{receiver}{WITH_ENDS if ends else ''}"


def _point(name: str, receivers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"orgId": 1, "name": literal(name), "receivers": receivers}


def _notifier(name: str) -> dict[str, Any]:
    """Wardwatch's notifier, as an Alertmanager: it gets ends too, and accepts those that are proved."""
    settings = {"url": variable(WEB_URL), "basicAuthUser": SENDER, "basicAuthPassword": variable(SENDER_PASSWORD)}
    return _integration(name, WARDWATCH, "prometheus-alertmanager", settings, ends=True)


def _channels(alerting: Alerting, receiver: Receiver, point: str, ends: bool) -> Iterator[dict[str, Any]]:
    for channel in alerting.channels:
        if channel.name in receiver.channels and channel.grafana:
            yield _integration(point, channel.name, *_settings(channel), ends=ends)


def _settings(channel: Channel) -> tuple[str, dict[str, Any]]:
    subject, body = f'{{{{ template "{SUBJECT}" . }}}}', f'{{{{ template "{BODY}" . }}}}'
    address = variable(channel_variable(channel.name))
    if channel.grafana == "email":
        return "email", {"addresses": address, "singleEmail": True, "subject": subject, "message": body}
    return "webhook", {"url": address, "httpMethod": "POST", "title": subject, "message": body}


def _integration(point: str, channel: str, type_: str, settings: dict[str, Any], *, ends: bool) -> dict[str, Any]:
    short = point.replace(WITH_ENDS, "-ends")
    return {
        "uid": f"ward-{short}-{channel}"[:40], "type": type_, "settings": settings, "disableResolveMessage": not ends,
    }  # fmt: skip
