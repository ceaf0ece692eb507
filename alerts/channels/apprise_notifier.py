"""A notifier by apprise: plain text, one result for each recipient, no redirects followed.

What apprise counts as success is not always a delivery: a service that may fail (`optional=yes`), a redirect to a
log-in page, a URL it could not read. None of these count here. Sending may hang, and apprise cannot be stopped from
inside: run this in a process that can be killed.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from alerts.channels.http_connections import kept_session
from alerts.channels.http_outcome import outcome_of
from alerts.channels.text import in_body, in_subject
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome

# Of a call, in seconds. A sender waits less and kills the process: apprise leaves a thread behind with each time-out.
TIMEOUT = 60.0
_CODE = re.compile(r"\berror=(\d{3})\b")


class AppriseNotifier:
    """The recipients of a URL, each with an apprise object of its own."""

    def __init__(self, services: Mapping[str, Any]) -> None:
        self._services = dict(services)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self._services)

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        kept_session()
        for name in recipients:
            yield name, _send(self._services[name], message)

    def close(self) -> None:
        kept_session().close()  # its next request opens new ones


def _send(service: Any, message: ChannelMessage) -> DeliveryResult:
    from apprise.result import AppriseResultStatus

    try:
        result = service.notify(
            title=in_subject(message.subject), body=in_body(message.body, message.key), body_format="text",
            timeout=TIMEOUT,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the message stays in the outbox
        return DeliveryResult(Outcome.NO_ANSWER, f"apprise failed: {type(error).__name__}")
    asked = [found for found in result if found.attempts]
    if result.status == AppriseResultStatus.SUCCESS and len(asked) == 1 and asked[0].status == result.status:
        return DeliveryResult(Outcome.DELIVERED)
    codes = [int(match[1]) for found in asked for entry in found.logs() if (match := _CODE.search(entry.message))]
    if not codes:
        return DeliveryResult(Outcome.NO_ANSWER, f"no answer ({result.status.name.lower()})")
    return DeliveryResult(outcome_of(codes[0]), f"answered {codes[0]}")
