"""Keeps load on this machine."""

import ipaddress
from urllib.parse import urlsplit

from ward.errors import SettingsError
from ward.ids import printable


def require_loopback(url: str) -> str:
    """The url, if its host is this machine. Raises `SettingsError` otherwise: nobody loads another by mistake."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise SettingsError(f"{printable(host)!r} is not this machine; say --remote if you mean to load a broker there")
    return url
