"""A notifier that posts JSON to another system, signed as standardwebhooks.com describes.

The address is `webhook://host/path?secret=…`, or `webhooks://…` for HTTPS. The secret signs, and is not sent.
Redirects are not followed: a log-in page that answers is no delivery, and another host must not get the message.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests

from alerts.channels.http_connections import new_session
from alerts.channels.http_outcome import outcome_of
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from ward.channel_test import NO_ALERT
from ward.errors import SettingsError

SCHEMES = {"webhook": "http", "webhooks": "https"}
SHORTEST_SECRET = 24
_TIMEOUT = (4.0, 10.0)  # to connect, and for the answer, in seconds


class WebhookNotifier:
    """The system behind one address, named by its host. Raises `SettingsError` for an address it cannot use."""

    def __init__(self, url: str, which: str, suffix: str = "", now: Callable[[], float] = time.time) -> None:
        parts = urlsplit(url)
        fields = parse_qsl(parts.query, keep_blank_values=True)
        self._secret = next((text for name, text in fields if name == "secret"), "").encode()
        if not parts.hostname or parts.username or parts.password:
            raise SettingsError(f"{which} is not of the form webhooks://host/path?secret=…")
        if len(self._secret) < SHORTEST_SECRET:
            raise SettingsError(f"{which} needs a secret of at least {SHORTEST_SECRET} characters: ?secret=…")
        query = urlencode([(name, text) for name, text in fields if name != "secret"])
        self._url = urlunsplit((SCHEMES[parts.scheme], parts.netloc, parts.path or "/", query, ""))
        self._name = f"webhook {parts.netloc}{suffix}"
        self._now = now
        self._session = new_session()

    @property
    def recipients(self) -> tuple[str, ...]:
        return (self._name,)

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        for name in recipients:
            yield name, self._post(message)

    def close(self) -> None:
        self._session.close()

    def _post(self, message: ChannelMessage) -> DeliveryResult:
        body, at = _json(message).encode(), str(int(self._now()))
        headers = {
            "Content-Type": "application/json", "User-Agent": "Wardwatch", "webhook-id": message.key,
            "webhook-timestamp": at, "webhook-signature": self._signature(message.key, at, body),
        }  # fmt: skip
        try:
            # The answer is not read: a large one must not fill the memory.
            with self._session.post(
                self._url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                code = answer.status_code
        except requests.RequestException as error:
            return DeliveryResult(Outcome.NO_ANSWER, f"no answer ({type(error).__name__})")
        if 200 <= code < 300:
            return DeliveryResult(Outcome.DELIVERED)
        where = ", a redirect, which is not followed" if 300 <= code < 400 else ""
        return DeliveryResult(outcome_of(code), f"answered {code}{where}")

    def _signature(self, id_: str, at: str, body: bytes) -> str:
        made = hmac.digest(self._secret, f"{id_}.{at}.".encode() + body, hashlib.sha256)
        return f"v1,{base64.b64encode(made).decode()}"


def _json(message: ChannelMessage) -> str:
    """The body; that of a message in words, as one of `web`, as one alert, but of the test of a channel as none."""
    if message.body.startswith("{"):
        return message.body
    words = {"summary": message.subject, "description": message.body}
    if message.subject.startswith(NO_ALERT):
        group = f"test {message.key}"
        test = {"version": "4", "status": "resolved", "groupKey": group, "truncatedAlerts": 0, "alerts": []}
        return json.dumps({**test, "commonAnnotations": words})
    alert = {
        "status": "firing", "labels": {"alertname": "wardwatch-message"}, "fingerprint": message.key,
        "annotations": words,
    }  # fmt: skip
    return json.dumps({"version": "4", "status": "firing", "truncatedAlerts": 0, "alerts": [alert]})
