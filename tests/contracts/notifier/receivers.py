"""Receivers of notifications: a mail server and a web server on loopback that record what arrives, byte by byte."""

import email
import email.policy
import json
from typing import Any, Protocol

from aiosmtpd.controller import Controller

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult
from alerts.ports.notifier import Notifier
from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.engines.engine import free_port


def only_result(notifier: Notifier, message: ChannelMessage) -> DeliveryResult:
    """Send a message to the one recipient of a notifier."""
    ((_, result),) = notifier.send(message, notifier.recipients)
    notifier.close()
    return result


class Receiver(Protocol):
    """One end of a channel."""

    url: str

    def arrived(self) -> list[tuple[str, str]]:
        """(subject, body) of each message, as a person reads it."""
        ...

    def refuse(self) -> None:
        """From now on answer with a failure."""
        ...

    def accept(self) -> None: ...

    def close(self) -> None: ...


class Smtp:
    """A mail server. `raw` holds each mail's bytes as they came over the wire."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self._refusal = ""
        self._port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)
        self._controller.start()
        self.url = f"mailto://127.0.0.1:{self._port}/?from=ward@ward.test&to=nurse@ward.test&mode=insecure"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self._refusal:
            return self._refusal
        self.raw.append(envelope.original_content)
        return "250 OK"

    def arrived(self) -> list[tuple[str, str]]:
        mails = [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]
        return [(str(mail["subject"]), mail.get_content().replace("\r\n", "\n").rstrip("\n")) for mail in mails]

    def refuse(self) -> None:
        self._refusal = "451 try again later"

    def accept(self) -> None:
        self._refusal = ""

    def close(self) -> None:
        self._controller.stop()


class Web:
    """A web hook that takes JSON."""

    def __init__(self) -> None:
        self.server = ScriptedHttp(Answer(200))
        self.url = f"json://127.0.0.1:{self.server.port}/hook"
        self._kept = 0

    def arrived(self) -> list[tuple[str, str]]:
        messages = [json.loads(asked.body) for asked in self.server.asked[self._kept :] if asked.method == "POST"]
        return [(m["title"], m["message"]) for m in messages]

    def refuse(self) -> None:
        self.server.answers = [Answer(500)]

    def accept(self) -> None:
        self._kept = len(self.server.asked)
        self.server.answers = [Answer(200)]

    def close(self) -> None:
        self.server.close()
