"""The API of InfluxDB 2.x for buckets and tokens, as far as it is used, with the answers of 2.7."""

import itertools
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ORG = {"id": "00000000000000aa", "name": "hospital"}
ADMIN = "admin-token-5c1d"


class Api2:
    """One organisation in memory. `page` is the largest number of buckets in an answer."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.changes = 0
        self._ids = (f"{n:016x}" for n in itertools.count(1))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # the second write of an answer would wait 40 ms

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                there = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(there.query).items()}
                if self.headers["Authorization"] != f"Token {ADMIN}":
                    status, answer = 401, {"code": "unauthorized", "message": "unauthorized access"}
                else:
                    status, answer = outer.answer(
                        self.command, there.path.split("/")[3:], query, json.loads(body or b"null")
                    )
                data = b"" if status == 204 else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                self._any()

            def do_POST(self) -> None:
                self._any()

            def do_PATCH(self) -> None:
                self._any()

            def do_DELETE(self) -> None:
                self._any()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def bucket(self, name: str, seconds: int = 0) -> None:
        """A token that another user has created."""
        self._make_bucket({"name": name, "retentionRules": [{"type": "expire", "everySeconds": seconds}]})

    def keeps(self) -> dict[str, int]:
        """Seconds by bucket; 0 is for ever."""
        return {bucket["name"]: bucket["retentionRules"][0]["everySeconds"] for bucket in self.buckets.values()}

    def answer(self, method: str, path: list[str], query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        self.changes += method != "GET"
        match method, path:
            case "GET", ["orgs"]:
                return 200, {"orgs": [ORG] if query.get("org") == ORG["name"] else []}
            case "GET", ["buckets"]:
                listed = sorted(self.buckets.values(), key=lambda bucket: str(bucket["id"]))
                after = [bucket for bucket in listed if bucket["id"] > query.get("after", "")]
                return 200, {"buckets": after[: int(query["limit"])]}
            case "POST", ["buckets"]:
                return 201, self._make_bucket(body)
            case "PATCH", ["buckets", one]:
                self.buckets[one] |= {"retentionRules": body["retentionRules"]}
                return 200, self.buckets[one]
            case "GET", ["authorizations"]:
                return 200, {"authorizations": list(self.tokens.values())}
            case "POST", ["authorizations"]:
                return 201, self._make_token(body)
            case "DELETE", ["authorizations", one]:
                del self.tokens[one]
                return 204, None
        return 404, {"code": "not found", "message": "path not found"}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _make_bucket(self, body: Mapping[str, Any]) -> dict[str, Any]:
        made = {"id": next(self._ids), "orgID": ORG["id"], **body}
        self.buckets[made["id"]] = made
        return made

    def _make_token(self, body: dict[str, Any]) -> dict[str, Any]:
        for permission in body["permissions"]:
            resource = permission["resource"]
            resource["name"] = self.buckets[resource["id"]]["name"]
        number = next(self._ids)
        made = {"id": number, "token": f"secret-{number}==", "status": "active", **body}
        self.tokens[number] = made
        return made
