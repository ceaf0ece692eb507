"""Where notices go in tests: SMTP and HTTP on loopback, keeping every byte, and stubs for a sender process."""

import asyncio
import email
import email.policy
import http.server
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from ward.errors import SettingsError

Answer = int | str


@dataclass
class Mails:
    """What an SMTP server got: the bytes of each message with its envelope.

    `replies` are its answers to recipients, `latency` the seconds that it takes for each answer. `asked` are all
    recipients that a client has named, `most_busy` is how many mails it has received at one time.
    """

    port: int = 0
    replies: dict[str, str] = field(default_factory=dict)
    latency: float = 0.0
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sessions: dict[int, Any] = field(default_factory=dict)
    busy: int = 0
    most_busy: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.latency)
        self.asked.append(address)
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.sessions[id(session)] = session  # kept, so that no id is used twice
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        await asyncio.sleep(self.latency)
        self.busy -= 1
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 OK"

    def url_to(self, *recipients: str) -> str:
        """An apprise URL that mails these recipients through this server."""
        to = ",".join(recipients)
        return f"mailto://127.0.0.1:{self.port}/?from=ward@ward.test&to={to}&mode=insecure"

    @property
    def url(self) -> str:
        return self.url_to("nurse@ward.test")

    def received_by(self, recipient: str) -> list[str]:
        """The subjects of the mails that a recipient has, in order of arrival."""
        mine = (data for _, recipients, data in self.got if recipient in recipients)
        return [str(email.message_from_bytes(data, policy=email.policy.default)["subject"]) for data in mine]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def smtp(port: int = 0, **replies: str) -> Iterator[Mails]:
    """A mail server; `replies` are its answers to recipients, by the part before the @ of ward.test."""
    mails = Mails(port=port or free_port(), replies={f"{name}@ward.test": reply for name, reply in replies.items()})
    controller = Controller(mails, hostname="127.0.0.1", port=mails.port)
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()


@dataclass
class Posts:
    """What an HTTP server got, and what it answers next: a status, `hang` or `drip`; in the end always 200."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    got: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def web(*answers: Answer) -> Iterator[Posts]:
    posts = Posts(answers=list(answers))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            posts.connections += 1

        def do_POST(self) -> None:
            posts.got.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            posts.paths.append(self.path)
            answer = posts.answers.pop(0) if posts.answers else 200
            if answer == "hang":
                posts.release.wait()
                self.close_connection = True
            elif answer == "drip":
                self._drip()
            else:
                self._answer(int(answer))

        def do_GET(self) -> None:
            posts.paths.append(f"GET {self.path}")
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while not posts.release.wait(0.02):
                try:
                    self.wfile.write(b".")
                    self.wfile.flush()
                except OSError:
                    return
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """A sender that is killed leaves a broken connection behind: that is the test."""

    server = Server(("127.0.0.1", 0), Handler)
    posts.port = server.server_address[1]
    posts.url = f"json://127.0.0.1:{posts.port}/hook?redirect=no"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield posts
    finally:
        posts.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class FileChannel:
    """A notifier for a sender process with one recipient: it appends each message to the file that its URL names."""

    recipients = ("file",)

    def __init__(self, channel: str, number: int, url: str) -> None:
        if not url:
            raise SettingsError("no URL")
        self._path = Path(url)

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        for name in recipients:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{message.key} {message.subject}\n")
            yield name, DeliveryResult(Outcome.DELIVERED)

    def close(self) -> None: ...


class HangingChannel(FileChannel):
    """The same, but it hangs until the file with the ending `.gate` exists."""

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        while not self._path.with_suffix(".gate").exists():
            time.sleep(0.01)
        yield from super().send(message, recipients)


class RaisingChannel(FileChannel):
    """A notifier whose constructor raises an unexpected error."""

    def __init__(self, channel: str, number: int, url: str) -> None:
        raise RuntimeError("no such\nthing \u202e")


def until(true: Callable[[], bool], step: Callable[[], object], limit: int = 3000) -> None:
    """Steps until something is true; a test that waits for another process cannot know how often."""
    for _ in range(limit):
        if true():
            return
        step()
    raise AssertionError("it never came true")
