"""A mail server on loopback that accepts every mail and forwards none: it receives the notifications of the demo."""

import email
import email.policy
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from app.runtime.free_port import free_port
from ward.clock import SECOND, Micros, SystemClock

_MOST = 500  # mails stored; the oldest are deleted first


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail, as plain text."""

    id: str
    at: Micros
    subject: str
    text: str


class MailCatcher:
    """Mails as files under `data/mail`, one each, numbered in order of arrival.

    `address("nurse")` is an apprise address for a mailbox of that name; mails to all of them are stored here. While the
    disk cannot be written, mails are kept in memory.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "mail"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count = max((int(path.stem) for path in self._files()), default=0)
        self._in_memory: deque[CaughtMail] = deque(maxlen=_MOST)
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    def address(self, name: str) -> str:
        """The apprise address that delivers to this server."""
        return f"mailto://127.0.0.1:{self._controller.port}/?from=ward@ward.test&to={name}@ward.test&mode=insecure"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._count += 1
        file = self._folder / f"{self._count:08}.eml"
        try:
            file.write_bytes(envelope.original_content)
        except OSError:  # a full disk must not delay a notification
            file.unlink(missing_ok=True)
            at = SystemClock().now()
            self._in_memory.append(_mail(file.stem, at, envelope.original_content))
        for old in self._files()[:-_MOST]:
            old.unlink(missing_ok=True)
        return "250 OK"

    def messages(self) -> Sequence[CaughtMail]:
        """The mails received, oldest first."""
        return sorted([*map(_read, self._files()), *self._in_memory], key=lambda mail: mail.id)

    def close(self) -> None:
        self._controller.stop()

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.eml") if path.stem.isdigit())


def _read(path: Path) -> CaughtMail:
    return _mail(path.stem, round(path.stat().st_mtime * SECOND), path.read_bytes())


def _mail(id_: str, at: Micros, content: bytes) -> CaughtMail:
    mail = email.message_from_bytes(content, policy=email.policy.default)
    body = mail.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n") if body is not None else ""
    return CaughtMail(id_, at, subject_of(mail), f"To: {_header(mail, 'to')}\n\n{text}")


def subject_of(mail: EmailMessage) -> str:
    """The subject as a mail program shows it."""
    return _header(mail, "subject")


def _header(mail: EmailMessage, name: str) -> str:
    """A header without the space that is left where it was folded before its first word."""
    return str(mail[name] or "").strip()
