"""A notifier by apprise: plain text, one result for each service, no redirects followed.

What apprise counts as success is not always a delivery: a service that may fail (`optional=yes`), a redirect to a
log-in page, a URL it could not read. None of these count here. Sending may hang, and apprise cannot be stopped from
inside: run this in a process that can be killed.
"""

import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from alerts.model.channel_message import ChannelMessage
from alerts.ports.notifier import DeliveryResult
from ward.errors import SettingsError

TIMEOUT = 12.0  # of a whole call, in seconds

# Control characters, and those that change the direction of writing; in a body, line breaks and tabs stay.
_IN_SUBJECT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_IN_BODY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_CODE = re.compile(r"\berror=(\d{3})\b")


class AppriseChannel:
    """All services of a channel.

    Raises `SettingsError` for a URL it cannot use. The error gives the number of the URL, for a URL holds secrets.
    """

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        self._name = name
        if not urls:
            raise SettingsError(f"channel {name}: no URL, so nothing would be sent")
        with warnings.catch_warnings():
            # Its plug-ins import modules that Python 3.13 no longer has, and work without them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._open(urls)

    def _open(self, urls: Sequence[str]) -> None:
        import apprise

        # Apprise logs URLs that it cannot read, with the passwords in them; errors are raised here, without passwords.
        logging.getLogger("apprise").propagate = False
        # No files of apprise's own, no ${…} in a URL, no redirects: a log-in page that answers is no delivery.
        self._asset = apprise.AppriseAsset(
            app_id="Wardwatch", app_desc="Wardwatch", storage_mode="memory", service_timeout=TIMEOUT,
            allow_templates=False, http_redirects=False,
        )  # fmt: skip
        self._apprise = apprise.Apprise(asset=self._asset)
        for number, url in enumerate(urls, 1):
            self._apprise.add(self._service(apprise, number, url))
        if len(self._apprise) != len(urls):
            raise SettingsError(f"channel {self._name}: {len(urls)} URLs gave {len(self._apprise)} services")

    def send(self, message: ChannelMessage) -> DeliveryResult:
        subject = _IN_SUBJECT.sub(" ", message.subject).strip()
        body = _IN_BODY.sub(" ", message.body.replace("\r\n", "\n"))
        try:
            result = self._apprise.notify(
                title=subject, body=f"{body}\n\nkey: {_IN_SUBJECT.sub(' ', message.key)}", body_format="text",
                timeout=TIMEOUT,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the message stays in the outbox
            return DeliveryResult(delivered=False, detail=f"apprise failed: {type(error).__name__}")
        failures = list(self._failures(result))
        return DeliveryResult(delivered=not failures, detail="; ".join(failures))

    def _service(self, apprise: Any, number: int, url: str) -> Any:
        service = apprise.Apprise.instantiate(url, asset=self._asset)
        if service is None:
            raise SettingsError(f"channel {self._name}: URL number {number} is not one that apprise knows")
        if service.optional:
            raise SettingsError(
                f"channel {self._name}: URL number {number} has optional=yes, so a failure would not be seen"
            )
        service.redirects = False  # also where the URL asks for them
        if service.request_rate_per_sec == apprise.NotifyBase.request_rate_per_sec:
            # The default rate makes twelve messages take a minute, and sleeps for an hour when the clock is set back.
            service.request_rate_per_sec = 0
        return service

    def _failures(self, result: Any) -> Iterator[str]:
        """The errors of a send, without secrets; none when every service accepted the message."""
        from apprise.result import AppriseResultStatus

        services = list(result)
        for number, service in enumerate(services, 1):
            if service.status != AppriseResultStatus.SUCCESS or not service.attempts:
                code = next((m[1] for entry in service.logs() if (m := _CODE.search(entry.message))), "")
                yield f"service {number} ({service.name}): {service.status.name.lower()}{code and f', answered {code}'}"
        if len(services) != len(self._apprise):
            yield f"{len(services)} of {len(self._apprise)} services were asked"
        if result.status != AppriseResultStatus.SUCCESS:
            yield f"apprise reports {result.status.name.lower()}"
