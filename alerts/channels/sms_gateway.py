"""The address of an SMS gateway with HTTP, and how its fields are named.

`sms-gateways://host/path?to=+49170…&to=…&status=/path/{id}`, without TLS `sms-gateway://…`. Its options are the keys
of `_DEFAULTS`, `to`, `token`, `status`, and `field.NAME=text` for further fields of the request.
"""

import base64
import json
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from alerts.channels.bounded_http import HttpRequest
from ward.errors import SettingsError

SCHEMES = {"sms-gateway": "http", "sms-gateways": "https"}
_DEFAULTS = {
    "form": "json", "number_field": "to", "text_field": "text", "id_field": "id", "state_field": "status",
    "delivered": "delivered,delivrd", "failed": "failed,undelivered,undeliv,expired,rejected,rejectd,deleted,canceled",
}  # fmt: skip
_LONGEST_ID = 200


class SmsGateway(NamedTuple):
    """A gateway: where its API is, and its fields by the names in `_DEFAULTS`. `status` is "" without receipts."""

    base: str
    path: str
    headers: dict[str, str]
    numbers: tuple[str, ...]
    status: str
    options: dict[str, str]
    more: dict[str, str]

    def request(self, number: str, text: str, key: str) -> HttpRequest:
        """The request that sends a text. A gateway that knows `Idempotency-Key` sends a repeated one once."""
        fields = {**self.more, self.options["number_field"]: number, self.options["text_field"]: text}
        kind, body = "application/json", json.dumps(fields)
        if self.options["form"] == "form":
            kind, body = "application/x-www-form-urlencoded", urlencode(fields)
        headers = {**self.headers, "Content-Type": kind, "Idempotency-Key": key}
        return HttpRequest("POST", f"{self.base}{self.path}", headers, body.encode())

    def status_request(self, id_: str) -> HttpRequest:
        """The request that asks what became of a message."""
        return HttpRequest("GET", f"{self.base}{self.status.replace('{id}', quote(id_, safe=''))}", self.headers)

    def id_in(self, answer: object) -> str:
        """The gateway's id of a message, "" where an answer has none that can be used: `..` in a path is no id."""
        id_ = field(answer, self.options["id_field"])
        return id_ if id_.strip(".") else ""

    def state_in(self, answer: object) -> str:
        """Its word for what became of a message."""
        return field(answer, self.options["state_field"])

    def means(self, option: str, word: str) -> bool:
        """Whether the gateway's word is one of those of an option, `delivered` or `failed`."""
        return word.lower() in {each.strip().lower() for each in self.options[option].split(",")}


def parse_gateway(url: str, which: str) -> SmsGateway:
    """The gateway at a URL. Raises `SettingsError`, which names no part of the URL that may be a secret."""
    parts, options = urlsplit(url), dict(_DEFAULTS)
    numbers, more, special = [], {}, {"token": "", "status": ""}
    for number, (name, text) in enumerate(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True), 1):
        if name == "to":
            numbers.append(text.replace(" ", ""))
        elif name.startswith("field."):
            more[name.removeprefix("field.")] = text
        elif name in special or name in options:
            (special if name in special else options)[name] = text
        else:
            # It may be the second half of a secret with & in it, so it is not named.
            raise SettingsError(f"{which}: its option number {number} is unknown; & in a text is written %26")
    _check(parts, numbers, special, options, which)
    base = f"{SCHEMES[parts.scheme]}://{parts.netloc.rpartition('@')[2]}"
    headers = {"User-Agent": "Wardwatch", "Accept": "application/json", **_log_in(parts, special["token"])}
    return SmsGateway(base, parts.path or "/", headers, tuple(numbers), special["status"], options, more)


def field(answer: object, path: str) -> str:
    """A field of a JSON answer as text: `messages.0.id` is that of the first one. "" where there is none."""
    for name in path.split("."):
        if isinstance(answer, dict):
            answer = answer.get(name)
        elif isinstance(answer, list) and name.isdecimal() and int(name) < len(answer):
            answer = answer[int(name)]
        else:
            return ""
    if isinstance(answer, bool) or not isinstance(answer, str | int):
        return ""
    text = str(answer)
    return text if len(text) <= _LONGEST_ID and text.isprintable() else ""


def _check(
    parts: SplitResult, numbers: list[str], special: dict[str, str], options: dict[str, str], which: str
) -> None:
    status = special["status"]
    if not parts.hostname or not _has_port(parts) or not numbers:
        raise SettingsError(f"{which} is not of the form sms-gateways://host/path?to=+49…&status=/path/{{id}}")
    if parts.fragment:
        raise SettingsError(f"{which} has a # that ends it: in a text it is written %23")
    if not all(number.isascii() and number.removeprefix("+").isdecimal() and len(number) <= 20 for number in numbers):
        raise SettingsError(f"{which} has a number that is not of digits with + before them")
    if status and (not status.startswith("/") or "{id}" not in status):
        raise SettingsError(f"{which}: status is a path with {{id}} in it")
    if not all(_visible(text) for text in (parts.netloc, parts.path, status, special["token"])):
        raise SettingsError(f"{which}: host, paths and token are of ASCII characters without spaces")
    if options["form"] not in ("json", "form"):
        raise SettingsError(f"{which}: form is json or form")


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _visible(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _log_in(parts: SplitResult, token: str) -> dict[str, str]:
    user, password = parts.username, parts.password
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
