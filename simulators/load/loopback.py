"""Restricts load to this machine."""

import ipaddress
from urllib.parse import urlsplit

from ward.errors import SettingsError
from ward.ids import printable


def require_loopback(url: str) -> str:
    """The url, if its host is this machine. Raises `SettingsError` for any other host."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise SettingsError(f"{printable(host)!r} is not this machine; use --remote to load a broker there")
    return url
