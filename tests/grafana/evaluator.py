"""A rule of Grafana's, looked at as Grafana does: questions to a real InfluxDB, numbers of the answers, calculations.

Only what our rules use, as Grafana 9.4 does it (`pkg/expr`): a series is known by its labels, and one without labels
goes with every other. A part without any series makes the whole rule one without an answer.
"""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grafana.alerting.rules.parts import EXPRESSION_SOURCE

Labels = frozenset[tuple[str, str]]
Series = Mapping[Labels, Sequence[float]]
_REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1], "max": max, "min": min, "sum": sum,
}  # fmt: skip
_LETTER = re.compile(r"\$\{([A-Z])\}")


class NoData(Exception):
    """A question had no answer: Grafana's `NoData`."""


def holds(rule: Mapping[str, Any], url: str, database: str, now_s: float) -> dict[Labels, bool]:
    """For each series whether the rule's condition holds. Raises `NoData`."""
    parts: dict[str, Mapping[Labels, Any]] = {}
    for part in rule["data"]:
        model, letter = part["model"], part["refId"]
        if part["datasourceUid"] != EXPRESSION_SOURCE:
            parts[letter] = asked(model["query"], url, database, now_s, part["relativeTimeRange"]["from"])
            if not parts[letter]:
                raise NoData(letter)
        elif model["type"] == "reduce":
            parts[letter] = {k: _REDUCERS[model["reducer"]](v) for k, v in parts[model["expression"]].items()}
        else:
            parts[letter] = _calculated(model["expression"], parts)
    return {labels: value != 0 for labels, value in parts[rule["condition"]].items()}


def asked(query: str, url: str, database: str, now_s: float, last: int) -> Series:
    """The numbers of each series, gaps left out; every answer must have exactly one column beside the time."""
    until = round(now_s * 1000)
    said = query.replace("$timeFilter", f"time >= {until - last * 1000}ms and time <= {until}ms")
    form = urllib.parse.urlencode({"db": database, "epoch": "ms", "q": said})
    with urllib.request.urlopen(f"{url}/query?{form}", timeout=30) as answer:
        (result,) = json.load(answer)["results"]
    assert "error" not in result, f"{result['error']}: {said}"
    found: dict[Labels, Sequence[float]] = {}
    for series in result.get("series", ()):
        assert len(series["columns"]) == 2, series["columns"]
        values = [float(value) for _, value in series["values"] if value is not None]
        if values:
            found[frozenset(series.get("tags", {}).items())] = values
    return found


def _calculated(formula: str, parts: Mapping[str, Mapping[Labels, float]]) -> dict[Labels, float]:
    letters = _LETTER.findall(formula)
    everywhere: Labels = frozenset()
    keys = {key for letter in letters for key in parts[letter] if key} or {everywhere}
    text = _LETTER.sub(r"\1", formula).replace("&&", " and ").replace("||", " or ")
    found = {}
    for key in keys:
        values = {x: parts[x].get(key, parts[x].get(everywhere)) for x in letters}
        if None not in values.values():
            found[key] = float(bool(eval(text, {"__builtins__": {}}, values)))
    return found
