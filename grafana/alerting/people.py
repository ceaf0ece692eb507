"""Contact points: our own notifier, and for each receiver of alerts.yaml the same people reached by Grafana itself."""

from collections.abc import Iterator
from typing import Any

from grafana.alerting.templates import BODY, SUBJECT
from grafana.alerting.variables import WEB_URL, literal, of_channel, variable
from ward.config.alerting import Alerting, Channel, Receiver

OURS = "wardwatch"
# Whoever is told of an end by Grafana itself hears only of ends that Grafana can know.
ENDS = " (and when it is over)"


def contact_points(alerting: Alerting) -> dict[str, Any]:
    """As Grafana's file has them."""
    points = [_point(OURS, [_ours(OURS)])]
    for receiver in alerting.receivers:
        for ends in (False, True):
            name = direct(receiver.name, ends=ends)
            told = ends and receiver.send_resolved
            points.append(_point(name, [_ours(name), *_channels(alerting, receiver, name, told)]))
    return {"apiVersion": 1, "contactPoints": points}


def direct(receiver: str, *, ends: bool) -> str:
    """The name of the contact point by which Grafana reaches a receiver itself."""
    return f"{receiver}{ENDS if ends else ''}"


def channel_variables(alerting: Alerting) -> dict[str, str]:
    """By channel that Grafana can use, the variable with its address."""
    return {channel.name: of_channel(channel.name) for channel in alerting.channels if channel.grafana}


def _point(name: str, receivers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"orgId": 1, "name": literal(name), "receivers": receivers}


def _ours(name: str) -> dict[str, Any]:
    """Our notifier, as an Alertmanager: it hears of ends too, and believes them where they are proved."""
    return _integration(name, OURS, "prometheus-alertmanager", {"url": variable(WEB_URL)}, ends=True)


def _channels(alerting: Alerting, receiver: Receiver, point: str, ends: bool) -> Iterator[dict[str, Any]]:
    for channel in alerting.channels:
        if channel.name in receiver.channels and channel.grafana:
            yield _integration(point, channel.name, *_settings(channel), ends=ends)


def _settings(channel: Channel) -> tuple[str, dict[str, Any]]:
    subject, body = f'{{{{ template "{SUBJECT}" . }}}}', f'{{{{ template "{BODY}" . }}}}'
    address = variable(of_channel(channel.name))
    if channel.grafana == "email":
        return "email", {"addresses": address, "singleEmail": True, "subject": subject, "message": body}
    return "webhook", {"url": address, "httpMethod": "POST", "title": subject, "message": body}


def _integration(point: str, channel: str, kind: str, settings: dict[str, Any], *, ends: bool) -> dict[str, Any]:
    short = point.replace(ENDS, "-ends")
    return {
        "uid": f"ward-{short}-{channel}"[:40], "type": kind, "settings": settings, "disableResolveMessage": not ends,
    }  # fmt: skip
