"""The write path of InfluxDB 2.x in front of InfluxDB 1.6, since Debian has no 2.x."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


class InfluxProxy:
    """Maps `/api/v2/write?bucket=` to `/write?db=`, and a partial write's 400 to 2.x's 422; forwards all else."""

    def __init__(self, behind: int, token: str = "secret-token") -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on(self.path, None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                there = urlsplit(self.path)
                path = self.path
                if there.path == "/api/v2/write":
                    query = parse_qs(there.query)
                    database, _, policy = query["bucket"][0].partition("/")
                    there_is = {"db": database, "rp": policy, "precision": query["precision"][0]}
                    path = "/write?" + urlencode({name: value for name, value in there_is.items() if value})
                self._pass_on(path, body)

            def _pass_on(self, path: str, body: bytes | None) -> None:
                if self.headers["Authorization"] != f"Token {token}":
                    self._answer(401, b'{"code":"unauthorized","message":"unauthorized access"}')
                    return
                link = http.client.HTTPConnection("127.0.0.1", behind, timeout=20)
                try:
                    link.request(self.command, path, body)
                    answer = link.getresponse()
                    data = answer.read()
                    status = 422 if answer.status == 400 and b"partial write" in data else answer.status
                finally:
                    link.close()
                self._answer(status, data)

            def _answer(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.token = token
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
