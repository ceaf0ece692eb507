"""Where notices go in tests: SMTP and HTTP on loopback, keeping every byte, and stubs for a sender process."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from alerts.model.channel_message import ChannelMessage
from alerts.ports.notifier import DeliveryResult

Answer = int | str


@dataclass
class Mails:
    """What an SMTP server got: the bytes of each message with its envelope."""

    port: int = 0
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 OK"

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/?from=ward@ward.test&to=nurse@ward.test&mode=insecure"


@contextmanager
def smtp() -> Iterator[Mails]:
    mails = Mails()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as probe:
        port = probe.server_address[1]
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    mails.port = port
    try:
        yield mails
    finally:
        controller.stop()


@dataclass
class Posts:
    """What an HTTP server got, and what it answers next: a status, `hang` or `drip`; in the end always 200."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    got: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def web(*answers: Answer) -> Iterator[Posts]:
    posts = Posts(answers=list(answers))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

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
    posts.url = f"json://127.0.0.1:{server.server_address[1]}/hook?redirect=no"
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
    """A notifier for a sender process: it appends each message to the file that its first URL names."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        self._path = Path(urls[0])

    def send(self, message: ChannelMessage) -> DeliveryResult:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{message.key} {message.subject}\n")
        return DeliveryResult(delivered=True)


class HangingChannel:
    """A notifier that hangs until the file that its first URL names exists, then writes to the file of the second."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        self._gate = Path(urls[0])
        self._file = FileChannel(name, urls[1:])

    def send(self, message: ChannelMessage) -> DeliveryResult:
        while not self._gate.exists():
            time.sleep(0.01)
        return self._file.send(message)


class RaisingChannel:
    """A notifier whose constructor raises an unexpected error."""

    def __init__(self, name: str, urls: Sequence[str]) -> None:
        raise RuntimeError("no such\nthing \u202e")

    def send(self, message: ChannelMessage) -> DeliveryResult:
        raise NotImplementedError


def until(true: Callable[[], bool], step: Callable[[], object], limit: int = 3000) -> None:
    """Steps until something is true; a test that waits for another process cannot know how often."""
    for _ in range(limit):
        if true():
            return
        step()
    raise AssertionError("it never came true")
