"""As much of InfluxDB 2's API as `wardwatch influx apply` asks for: buckets are 1.x's policies, tokens are a file."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ORG = "00000000000000a1"
Ask = Callable[[str], Any]


class Api:
    """One organisation with one database. `query` asks the server behind in InfluxQL, with its JSON as the answer."""

    def __init__(self, file: Path, org: str, database: str, admin: str, query: Ask) -> None:
        self._file, self._org, self._database, self._admin, self._query = file, org, database, admin, query
        self.tokens: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def may(self, header: str | None, action: str, bucket: str = "") -> bool:
        """Whether a token may read, or write to a bucket, or administer."""
        token = (header or "").removeprefix("Token ")
        if token == self._admin:
            return True
        rights = [right for each in self.tokens.values() if each["token"] == token for right in each["permissions"]]
        return any(right["action"] == action and bucket in ("", right["resource"]["name"]) for right in rights)

    def answer(self, method: str, path: str, body: bytes | None) -> tuple[int, Any]:
        """Status and JSON of a request to /api/v2."""
        given = json.loads(body) if body else {}
        kind, _, id_ = path.removeprefix("/api/v2/").partition("/")
        if kind == "orgs":
            return 200, {"orgs": [{"id": ORG, "name": self._org}]}
        if kind == "buckets":
            return self._buckets(method, id_, given)
        if kind == "authorizations":
            return self._authorizations(method, id_, given)
        return 404, {"code": "not found", "message": f"the stand-in has no {path}"}

    def _buckets(self, method: str, id_: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"buckets": [self._bucket(name, keep) for name, keep in self._policies()]}
        name = given["name"] if method == "POST" else bytes.fromhex(id_).decode()
        seconds = given["retentionRules"][0]["everySeconds"]
        length = f"{seconds}s" if seconds else "INF"
        policy = name.partition("/")[2] or "autogen"
        verb = "CREATE" if method == "POST" else "ALTER"
        more = " REPLICATION 1" if method == "POST" else ""
        self._query(f'{verb} RETENTION POLICY "{policy}" ON "{self._database}" DURATION {length}{more}')
        return (201 if method == "POST" else 200), self._bucket(name, seconds)

    def _policies(self) -> list[tuple[str, int]]:
        """Each policy as a bucket's name, and for how many seconds it keeps."""
        rows = self._query(f'SHOW RETENTION POLICIES ON "{self._database}"')["series"][0]["values"]
        named = [(self._database if row[0] == "autogen" else f"{self._database}/{row[0]}", row[1]) for row in rows]
        return [(name, _seconds(length)) for name, length in named]

    def _bucket(self, name: str, keep: int) -> dict[str, Any]:
        rules = [{"type": "expire", "everySeconds": keep}] if keep else []
        return {"id": name.encode().hex(), "orgID": ORG, "name": name, "type": "user", "retentionRules": rules}

    def _authorizations(self, method: str, id_: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"authorizations": list(self.tokens.values())}
        if method == "DELETE":
            self.tokens.pop(id_, None)
        else:
            id_ = secrets.token_hex(8)
            for right in given["permissions"]:
                right["resource"]["name"] = bytes.fromhex(right["resource"]["id"]).decode()
            self.tokens[id_] = {**given, "id": id_, "token": secrets.token_urlsafe(32), "status": "active"}
        self._file.write_text(json.dumps(self.tokens))
        return (204, None) if method == "DELETE" else (201, self.tokens[id_])


def _seconds(length: str) -> int:
    """Of 1.x's 720h0m0s; 0s is for ever."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", length))


def query(q: str) -> str:
    """The path of a question."""
    return "/query?" + urlencode({"q": q})
