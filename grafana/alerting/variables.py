"""What differs from one installation to another: variables of Grafana's environment, and how to write a literal `$`.

Grafana replaces `$NAME` and `${NAME}` in most of its provisioning files, by nothing where the variable is not set.
A literal `$` is written `$$` there. In four kinds of text it replaces nothing: annotations and queries of rules,
templates, and mute timings. Of these only queries contain a `$`: InfluxQL's own.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PREFIX = "WARDWATCH_"
CHANNEL_PREFIX = f"{PREFIX}GRAFANA_"
WEB_URL = f"{PREFIX}WEB_URL"  # where Grafana reaches our API, without a slash at the end: http://web:8080
SENDER_PASSWORD = f"{CHANNEL_PREFIX}SENDER_PASSWORD"  # by which Wardwatch trusts the alerts that Grafana posts
# The variables that the files may use, besides the addresses of channels.
KNOWN = frozenset(
    {
        WEB_URL, f"{PREFIX}INFLUX_URL", f"{PREFIX}INFLUX_DATABASE", f"{CHANNEL_PREFIX}TOKEN",
        f"{CHANNEL_PREFIX}DASHBOARDS", SENDER_PASSWORD,
    }
)  # fmt: skip
_IN_TEXT = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")


def variable(name: str) -> str:
    """The text that Grafana replaces by the value of the variable."""
    return f"${{{name}}}"


def channel_variable(channel: str) -> str:
    """The name of the variable with the address at which Grafana reaches a channel."""
    return CHANNEL_PREFIX + re.sub(r"[^A-Z0-9]", "_", channel.upper())


def literal(text: str) -> str:
    """A text in which Grafana replaces nothing."""
    return text.replace("$", "$$")


def all_literal(value: Any) -> Any:
    """`literal` for every text in a list or mapping; Grafana does not replace variables in keys."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        return {key: all_literal(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [all_literal(entry) for entry in value]
    return value


def variables_in(text: str) -> Iterator[str]:
    """The variables that Grafana would replace in a text."""
    for found in _IN_TEXT.finditer(text):
        if name := found[1] or found[2]:
            yield name
