"""Evaluates an alert rule as Grafana 9.4 does (`pkg/expr`): queries to a real InfluxDB, `reduce` and `math`.

Only what our rules use. A series is identified by its labels, and one without labels is combined with every other. If
a query has no series, the whole rule has no data.
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
_REF_ID = re.compile(r"\$\{([A-Z])\}")


class NoData(Exception):
    """Raised when a query returns no series: Grafana's state `NoData`."""


def evaluate(rule: Mapping[str, Any], url: str, database: str, now_s: float) -> dict[Labels, bool]:
    """Whether the rule fires, for each series. Raises `NoData`."""
    parts: dict[str, Mapping[Labels, Any]] = {}
    for part in rule["data"]:
        model, ref_id = part["model"], part["refId"]
        if part["datasourceUid"] != EXPRESSION_SOURCE:
            parts[ref_id] = run_query(model["query"], url, database, now_s, part["relativeTimeRange"]["from"])
            if not parts[ref_id]:
                raise NoData(ref_id)
        elif model["type"] == "reduce":
            parts[ref_id] = {k: _REDUCERS[model["reducer"]](v) for k, v in parts[model["expression"]].items()}
        else:
            parts[ref_id] = _calculated(model["expression"], parts)
    return {labels: value != 0 for labels, value in parts[rule["condition"]].items()}


def run_query(query: str, url: str, database: str, now_s: float, last: int) -> Series:
    """The numbers of each series without nulls; a result must have exactly one column besides the time."""
    until = round(now_s * 1000)
    influxql = query.replace("$timeFilter", f"time >= {until - last * 1000}ms and time <= {until}ms")
    form = urllib.parse.urlencode({"db": database, "epoch": "ms", "q": influxql})
    with urllib.request.urlopen(f"{url}/query?{form}", timeout=30) as answer:
        (result,) = json.load(answer)["results"]
    assert "error" not in result, f"{result['error']}: {influxql}"
    found: dict[Labels, Sequence[float]] = {}
    for series in result.get("series", ()):
        assert len(series["columns"]) == 2, series["columns"]
        values = [float(value) for _, value in series["values"] if value is not None]
        if values:
            found[frozenset(series.get("tags", {}).items())] = values
    return found


def _calculated(formula: str, parts: Mapping[str, Mapping[Labels, float]]) -> dict[Labels, float]:
    ref_ids = _REF_ID.findall(formula)
    no_labels: Labels = frozenset()
    keys = {key for ref_id in ref_ids for key in parts[ref_id] if key} or {no_labels}
    text = _REF_ID.sub(r"\1", formula).replace("&&", " and ").replace("||", " or ")
    found = {}
    for key in keys:
        values = {x: parts[x].get(key, parts[x].get(no_labels)) for x in ref_ids}
        if None not in values.values():
            found[key] = float(bool(eval(text, {"__builtins__": {}}, values)))
    return found
