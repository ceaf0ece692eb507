"""HTTP connections that stay open between messages, for a library that opens one for each request."""

from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

# Open connections to one host; more may be used at one time, and are closed after it.
CONNECTIONS = 50


@cache
def kept_session() -> "requests.Session":
    """The session that `requests` of this process uses from now on; its connections to a host stay open.

    The functions of `requests`, which apprise calls, open and close a session each time. No cookie is kept.
    """
    import requests

    session = new_session()
    requests.request = requests.api.request = session.request
    return session


def new_session() -> "requests.Session":
    """A session whose connections stay open, and that keeps no cookie."""
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return session
