#!/usr/bin/python3
"""InfluxDB 2.7's place, taken by Debian's InfluxDB 1.6: the same storage engine and InfluxQL, 2.x's way of writing.

Where a real `influxd` of the 2.x line was put beside this file, it is started instead, and set up as the official image
does from the same variables.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

HOME = Path("/var/lib/influxdb2")
REAL = Path("/standin/influxd")
BUCKET = os.environ["DOCKER_INFLUXDB_INIT_BUCKET"]
TOKEN = Path(os.environ["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE"]).read_text()
CONFIG = f"""
reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
  dir = "{HOME}/meta"
[data]
  dir = "{HOME}/data"
  wal-dir = "{HOME}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:8087"
  log-enabled = false
[logging]
  level = "warn"
"""


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """One request to the server behind."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request(method, path, body)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


def started(command: list[str], port: int) -> "subprocess.Popen[bytes]":
    """The server, once it answers. It ends with us."""
    process = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.terminate())
    while process.poll() is None:
        try:
            if ask(port, "GET", "/ping")[0] == 204:
                return process
        except OSError:
            time.sleep(0.1)
    sys.exit(process.returncode)


class Proxy(BaseHTTPRequestHandler):
    """Maps `/api/v2/write?bucket=` to `/write?db=`, and a partial write's 400 to 2.x's 422; passes on the rest."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.pass_on(self.path, None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        there, path = urlsplit(self.path), self.path
        if there.path == "/api/v2/write":
            asked = {name: values[0] for name, values in parse_qs(there.query).items()}
            database, _, policy = asked["bucket"].partition("/")
            path = "/write?" + urlencode({"db": database, "rp": policy, "precision": asked.get("precision", "ns")})
        self.pass_on(path, body)

    def pass_on(self, path: str, body: bytes | None) -> None:
        if path not in ("/ping", "/health") and self.headers["Authorization"] != f"Token {TOKEN}":
            self.answer(401, b'{"code":"unauthorized","message":"unauthorized access"}')
            return
        status, data = ask(8087, self.command, "/ping" if path == "/health" else path, body)
        self.answer(422 if status == 400 and b"partial write" in data else status, data)

    def answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if status == 204 else data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def old() -> None:
    """1.6 behind the proxy."""
    (Path("/tmp") / "influxdb.conf").write_text(CONFIG)
    process = started(["/usr/bin/influxd", "run", "-config", "/tmp/influxdb.conf"], 8087)
    query = urlencode({"q": f'CREATE DATABASE "{BUCKET}"'})
    ask(8087, "POST", f"/query?{query}", b"")
    server = ThreadingHTTPServer(("0.0.0.0", 8086), Proxy)
    server.daemon_threads = True
    __import__("threading").Thread(target=server.serve_forever, daemon=True).start()
    sys.exit(process.wait())


def real() -> None:
    """2.x, set up once."""
    environ = os.environ
    process = started(
        [
            str(REAL), f"--bolt-path={HOME}/influxd.bolt", f"--engine-path={HOME}/engine",
            f"--sqlite-path={HOME}/influxd.sqlite", "--reporting-disabled", "--log-level=warn",
        ],
        8086,
    )  # fmt: skip
    wanted = {
        "username": environ["DOCKER_INFLUXDB_INIT_USERNAME"], "org": environ["DOCKER_INFLUXDB_INIT_ORG"],
        "password": Path(environ["DOCKER_INFLUXDB_INIT_PASSWORD_FILE"]).read_text(), "bucket": BUCKET, "token": TOKEN,
        "retentionPeriodSeconds": 30 * 86_400,
    }  # fmt: skip
    if json.loads(ask(8086, "GET", "/api/v2/setup")[1])["allowed"]:
        ask(8086, "POST", "/api/v2/setup", json.dumps(wanted).encode())
    sys.exit(process.wait())


(real if REAL.exists() else old)()
