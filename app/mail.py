"""A mailbox on loopback that takes every mail and sends none: what the demo's alerts arrive in."""

import email
import email.policy
import socket
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """Mails as files under `data/mail`, one each, in order of arrival."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "mail"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(self._folder.glob("*.eml")))
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())
        self._controller.start()

    @property
    def port(self) -> int:
        port: int = self._controller.port
        return port

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._count += 1
        (self._folder / f"{self._count:06}.eml").write_bytes(envelope.original_content)
        return "250 OK"

    def subjects(self) -> list[str]:
        """What has come, oldest first."""
        mails = (
            email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
            for p in sorted(self._folder.glob("*.eml"))
        )
        return [str(mail["subject"]) for mail in mails]

    def close(self) -> None:
        self._controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
