#!/usr/bin/python3
"""No Grafana: a stand-in that answers /api/health and nothing else, for machines where there is none.

It reads what Grafana would be given, and does not start where something is missing: the provisioning folder, the
variables that its files name, and the password. `make compose-test GRAFANA=<home>` puts a real one in its place.
"""

import os
import re
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROVISIONING = Path("/etc/grafana/provisioning")


def missing() -> list[str]:
    """What Grafana would stumble over."""
    files = [*PROVISIONING.rglob("*.yaml"), *PROVISIONING.rglob("*.yml")]
    names = {name for file in files for name in re.findall(r"(?<!\$)\$\{([A-Z]\w+)\}", file.read_text())}
    found = [f"{name} is not set" for name in sorted(names) if not os.environ.get(name)]
    if not PROVISIONING.is_dir():
        found.append(f"{PROVISIONING} is not there")
    if not Path(os.environ["GF_SECURITY_ADMIN_PASSWORD__FILE"]).read_text():
        found.append("the administrator has no password")
    probe = Path("/var/lib/grafana/probe")
    probe.touch()
    probe.unlink()
    return found


class Heartbeat(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"database":"ok","version":"stand-in"}' if self.path == "/api/health" else b"stand-in"
        self.send_response(200 if self.path == "/api/health" else 501)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if faults := missing():
    sys.exit("\n".join(faults))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 3000), Heartbeat).serve_forever()
