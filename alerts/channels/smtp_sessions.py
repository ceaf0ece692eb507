"""SMTP sessions that stay open between mails, and the reply of a mail server to each recipient."""

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from alerts.model.delivery_result import DeliveryResult, Outcome
from ward.ids import printable

TIMEOUT = 10.0  # of each command, in seconds
# Servers close sessions that are idle for minutes; one that was idle for longer than this is not used again.
LONGEST_IDLE = 30.0
_CLOSING = 421  # the server answers so when it ends the session


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, and how to log in. `mode` is `insecure`, `ssl` or `starttls`."""

    host: str
    port: int
    mode: str
    user: str = ""
    password: str = ""
    verify: bool = True

    def connect(self) -> smtplib.SMTP:
        """A new session. Raises `SMTPException` or `OSError`."""
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        smtp: smtplib.SMTP
        if self.mode == "ssl":
            smtp = smtplib.SMTP_SSL(self.host, self.port, _own_name(), timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, _own_name(), timeout=TIMEOUT)
        try:
            if self.mode == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.user and self.password:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class SmtpSessions:
    """Sends mails through a server, each in a session that no other one uses meanwhile. Thread-safe."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._idle: list[tuple[float, smtplib.SMTP]] = []

    def send(self, sender: str, recipients: Sequence[str], mail: bytes) -> dict[str, DeliveryResult]:
        """One mail to all recipients, and what became of it at each. Never raises for what a server does."""
        smtp = self._take()
        try:
            if smtp is not None and not _accepts_sender(smtp, sender):
                smtp.close()  # closed by the server meanwhile, or in an unknown state
                smtp = None
            if smtp is None:
                smtp = self._server.connect()
                _check(smtp.mail(sender, ["body=8bitmime"] if smtp.has_extn("8bitmime") else []))
            results = _transfer(smtp, recipients, mail)
        except (OSError, smtplib.SMTPException) as error:
            if smtp is not None:
                smtp.close()
            return dict.fromkeys(recipients, _result_of(error))
        with self._lock:
            self._idle.append((time.monotonic(), smtp))
        return results

    def close(self) -> None:
        """End the sessions that no mail uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        _quit(smtp for _, smtp in idle)

    def _take(self) -> smtplib.SMTP | None:
        """The session that was used last; those that were idle for long are closed."""
        with self._lock:
            oldest = time.monotonic() - LONGEST_IDLE
            stale = [smtp for used, smtp in self._idle if used < oldest]
            self._idle = [found for found in self._idle if found[0] >= oldest]
            smtp = self._idle.pop()[1] if self._idle else None
        _quit(stale)
        return smtp


def _accepts_sender(smtp: smtplib.SMTP, sender: str) -> bool:
    """Whether a session that was idle still begins a mail."""
    try:
        code, _ = smtp.mail(sender, ["body=8bitmime"] if smtp.has_extn("8bitmime") else [])
    except (OSError, smtplib.SMTPException):
        return False
    return code == 250


def _transfer(smtp: smtplib.SMTP, recipients: Sequence[str], mail: bytes) -> dict[str, DeliveryResult]:
    """After MAIL: the recipients, then the mail for those that were accepted; one reply counts for all of these."""
    results = {name: result for name in recipients if (result := _result(*smtp.rcpt(name))) is not None}
    accepted = [name for name in recipients if name not in results]
    if accepted:
        try:
            result = _result(*smtp.data(mail)) or DeliveryResult(Outcome.DELIVERED)
        except (OSError, smtplib.SMTPException) as error:
            result = _result_of(error)
            if not isinstance(error, smtplib.SMTPDataError):
                smtp.close()
        results |= dict.fromkeys(accepted, result)
    if any(result.outcome is not Outcome.DELIVERED for result in results.values()):
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.rset()
    return results


def _quit(sessions: Iterable[smtplib.SMTP]) -> None:
    for smtp in sessions:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _check(answer: tuple[int, bytes]) -> None:
    if answer[0] != 250:
        raise smtplib.SMTPResponseException(answer[0], answer[1])


def _result(code: int, text: bytes) -> DeliveryResult | None:
    """What an answer means; None for an acceptance."""
    if 200 <= code < 300:
        return None
    reply = printable(f"{code} {text.decode('utf-8', 'replace')}", 200)
    if code == _CLOSING or code < 0:
        return DeliveryResult(Outcome.NO_ANSWER, reply)
    return DeliveryResult(Outcome.REFUSED if code >= 500 else Outcome.DEFERRED, reply)


def _result_of(error: Exception) -> DeliveryResult:
    """What an error before or during a mail means: nobody has it. A refused log-in is no answer about a recipient."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        found = _result(error.smtp_code, text) or DeliveryResult(Outcome.DEFERRED, str(error.smtp_code))
        log_in = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError)
        return DeliveryResult(Outcome.NO_ANSWER, found.reply) if log_in else found
    return DeliveryResult(Outcome.NO_ANSWER, printable(f"{type(error).__name__}: {error}", 200))


@cache
def _own_name() -> str:
    """The name of this machine; to find it may take seconds."""
    return socket.getfqdn()
