"""A notifier by mail: one mail to all recipients of a URL, in a session that stays open."""

from collections.abc import Collection, Iterator
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from typing import Any

from alerts.channels.smtp_sessions import MailServer, SmtpSessions
from alerts.channels.text import in_body, in_subject
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult

_LONGEST_LINE = 900  # characters; RFC 5322 allows 998


class MailNotifier:
    """The recipients of a `mailto:` or `mailtos:` URL: those in To, Cc and Bcc, each named by its address.

    `service` is apprise's for the URL. `names` are the names of the recipients by address.
    """

    def __init__(self, service: Any, names: dict[str, str]) -> None:
        self._service = service
        self._addresses = {name: address for address, name in names.items()}
        server = MailServer(
            host=service.smtp_host, port=service.port, mode=service.secure_mode, user=service.user or "",
            password=service.password or "", verify=service.verify_certificate,
        )  # fmt: skip
        self._sessions = SmtpSessions(server)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self._addresses)

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        if not recipients:
            return
        by_address = {self._addresses[name]: name for name in recipients}
        mail = subject_line(message.subject) + self._mail(message).as_bytes(policy=SMTP)
        for address, result in self._sessions.send(self._service.from_addr[1], list(by_address), mail).items():
            yield by_address[address], result

    def close(self) -> None:
        self._sessions.close()

    def _mail(self, message: ChannelMessage) -> EmailMessage:
        """The mail without its subject. Its Message-ID follows from the key: mail programs may show repeats once."""
        service, mail = self._service, EmailMessage(policy=SMTP)
        mail["From"] = self._named(service.from_addr[1])
        mail["To"] = ", ".join(formataddr((name or "", address), "utf-8") for name, address in service.targets)
        if service.cc:
            mail["Cc"] = ", ".join(self._named(address) for address in sorted(service.cc))
        if service.reply_to:
            mail["Reply-To"] = ", ".join(self._named(address) for address in sorted(service.reply_to))
        mail["Date"] = localtime()
        mail["Message-ID"] = f"<{message.key}@{Address(addr_spec=service.from_addr[1]).domain}>"
        mail["X-Application"] = "Wardwatch"
        for name, value in service.headers.items():
            if name not in mail and name.lower() != "subject":
                mail[name] = value
        mail.set_content(in_body(message.body, message.key), cte="base64" if not message.body.isascii() else None)
        return mail

    def _named(self, address: str) -> str:
        return formataddr((self._service.names.get(address) or "", address), "utf-8")


def subject_line(subject: str) -> bytes:
    """The header of a subject, in lines of 76 characters at most where it is encoded (RFC 2047).

    `EmailMessage` loses spaces and characters where it breaks a long subject that is not ASCII, and puts a space before
    one that begins with a long word. A line in ASCII may be long; the other ones are encoded whole.
    """
    text = in_subject(subject)
    short = text.isascii() and len(text) < _LONGEST_LINE and "=?" not in text
    encoded = text if short else Header(text, "utf-8", header_name="Subject", maxlinelen=74).encode(linesep="\r\n")
    return f"Subject: {encoded}\r\n".encode("ascii")
