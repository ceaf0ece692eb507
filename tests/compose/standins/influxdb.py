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
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from influx_api import Api, query

HOME = Path("/var/lib/influxdb2")
REAL = Path("/standin/influxd")
BEHIND = 8087
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
  bind-address = "127.0.0.1:{BEHIND}"
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
    """2.x's way of writing, its tokens and as much of its API as is asked for; the rest is passed on."""

    protocol_version = "HTTP/1.1"
    api: Api

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_PATCH(self) -> None:
        self.serve()

    def do_DELETE(self) -> None:
        self.serve()

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)) or None
        there, token = urlsplit(self.path), self.headers["Authorization"]
        asked = {name: values[0] for name, values in parse_qs(there.query).items()}
        bucket = asked.get("bucket", "")
        if there.path in ("/ping", "/health"):
            self.answer(ask(BEHIND, "GET", "/ping")[0], b"")
        elif there.path == "/api/v2/write" and self.api.may(token, "write", bucket):
            database, _, policy = bucket.partition("/")
            path = "/write?" + urlencode({"db": database, "rp": policy, "precision": asked.get("precision", "ns")})
            status, data = ask(BEHIND, "POST", path, body)
            # What 1.x answers to a partial write is 422 on 2.x.
            self.answer(422 if status == 400 and b"partial write" in data else status, data)
        elif there.path == "/query" and self.api.may(token, "read"):
            self.answer(*ask(BEHIND, self.command, self.path, body))
        elif there.path.startswith("/api/v2/") and self.api.may(token, "administer"):
            status, said = self.api.answer(self.command, there.path, body)
            self.answer(status, json.dumps(said).encode())
        else:
            self.answer(401, b'{"code":"unauthorized","message":"unauthorized access"}')

    def answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if status == 204 else data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def said(q: str) -> dict[str, Any]:
    """What the server behind answers to one statement."""
    result: dict[str, Any] = json.loads(ask(BEHIND, "POST", query(q), b"")[1])["results"][0]
    return result


def old() -> None:
    """1.6 behind the proxy."""
    Path("/tmp/influxdb.conf").write_text(CONFIG)
    process = started(["/usr/bin/influxd", "run", "-config", "/tmp/influxdb.conf"], BEHIND)
    if not any(row[0] == BUCKET for row in said("SHOW DATABASES")["series"][0].get("values", ())):
        said(f'CREATE DATABASE "{BUCKET}" WITH DURATION 30d')
    Proxy.api = Api(HOME / "tokens.json", os.environ["DOCKER_INFLUXDB_INIT_ORG"], BUCKET, TOKEN, said)
    server = ThreadingHTTPServer(("0.0.0.0", 8086), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
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
