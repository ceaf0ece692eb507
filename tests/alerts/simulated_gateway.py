"""An SMS gateway on loopback: it takes texts, and answers what became of each."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class SimulatedGateway:
    """`texts` are the requests it accepted, by id; `states` its answer about each id, `accepted` until it is set."""

    def __init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {}
        self.states: dict[str, str] = {}
        self.log_ins: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                id_ = f"m/{len(outer.texts) + 1}"
                outer.texts[id_] = body
                self._answer(201, {"messages": [{"id": id_}]})

            def do_GET(self) -> None:
                id_ = self.path.rpartition("/")[2].replace("%2F", "/")
                known = id_ in outer.texts
                self._answer(200 if known else 404, {"status": outer.states.get(id_, "accepted")} if known else {})

            def _answer(self, code: int, body: dict[str, Any]) -> None:
                outer.log_ins.append(self.headers.get("Authorization", ""))
                data = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, *numbers: str) -> str:
        to = "".join(f"&to={number}" for number in numbers)
        port = self._server.server_port
        return f"sms-gateway://127.0.0.1:{port}/send?id_field=messages.0.id&status=/status/{{id}}&token=secret-1{to}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
