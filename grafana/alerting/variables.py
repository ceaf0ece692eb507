"""What differs from house to house: variables of Grafana's own environment, and the sign `$` everywhere else.

Grafana replaces `$NAME` and `${NAME}` in most of what it provisions, and by nothing where the variable is not set.
A `$` that is meant is written `$$` there. Four kinds of text it takes as they are: a rule's annotations and its
queries, templates, and mute timings. No `$` is needed in these but in queries, where it is InfluxQL's own.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PREFIX = "WARDWATCH_"
OF_CHANNELS = f"{PREFIX}GRAFANA_"
WEB_URL = f"{PREFIX}WEB_URL"  # where Grafana reaches our API, without a slash at the end: http://web:8080
# What the tree may name besides the addresses of channels.
KNOWN = frozenset(
    {
        WEB_URL, f"{PREFIX}INFLUX_URL", f"{PREFIX}INFLUX_DATABASE", f"{OF_CHANNELS}TOKEN", f"{OF_CHANNELS}DASHBOARDS",
    }
)  # fmt: skip
_IN_TEXT = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")


def variable(name: str) -> str:
    """The value that a variable has in Grafana's environment."""
    return f"${{{name}}}"


def of_channel(channel: str) -> str:
    """The variable that holds where Grafana reaches a channel's people."""
    return OF_CHANNELS + re.sub(r"[^A-Z0-9]", "_", channel.upper())


def literal(text: str) -> str:
    """A text as it is, where Grafana would look for variables in it."""
    return text.replace("$", "$$")


def literally(value: Any) -> Any:
    """The same for every text in a list or mapping; keys are left alone, as Grafana leaves them."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        return {key: literally(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [literally(entry) for entry in value]
    return value


def named(text: str) -> Iterator[str]:
    """The variables that Grafana would look up for a text it interpolates."""
    for found in _IN_TEXT.finditer(text):
        if name := found[1] or found[2]:
            yield name
