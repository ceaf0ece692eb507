"""Links that acknowledge one episode of an alert: signed, and valid for a time.

A token names the alert, whom the link was sent to and when it expires, with an HMAC-SHA256 of 128 bits. It is made for
a path of a URL, and short enough for a text message.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote

from ward.clock import SECOND, Micros

PATH = "/a/"
LONGEST_TOKEN = 600
SHORTEST_KEY = 32
_SIGNATURE_BYTES = 16


class InvalidLink(Exception):
    """Raised when a token was not signed with any of the keys."""


class AckLink(NamedTuple):
    """The id of an alert, the channel that the link was sent on, and until when it is valid."""

    alert: str
    channel: str
    expires: Micros


def signed(link: AckLink, key: str) -> str:
    """The token of a link, in characters that need no quoting."""
    payload = f"{_quoted(link.alert)}.{link.expires // SECOND:x}.{_quoted(link.channel)}"
    return f"{payload}.{_signature(payload, key)}"


def verified(token: str, keys: Sequence[str]) -> AckLink:
    """The link of a token that one of the keys has signed. Raises `InvalidLink`.

    That it has expired is for the caller to say.
    """
    payload, _, signature = token[:LONGEST_TOKEN].rpartition(".")
    given = signature.encode("utf-8", "replace")
    if not payload.isascii() or not any(hmac.compare_digest(_signature(payload, key).encode(), given) for key in keys):
        raise InvalidLink
    alert, expires, channel = payload.split(".")  # signed by us, so it has the form that `signed` gives it
    return AckLink(_unquoted(alert), _unquoted(channel), int(expires, 16) * SECOND)


def _quoted(text: str) -> str:
    """Without a dot, which separates, and without a percent sign, which programs may quote again."""
    return quote(text, safe="").replace("~", "%7E").replace(".", "%2E").replace("%", "~")


def _unquoted(text: str) -> str:
    return unquote(text.replace("~", "%"))


def _signature(payload: str, key: str) -> str:
    made = hmac.digest(key.encode(), payload.encode(), hashlib.sha256)[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
