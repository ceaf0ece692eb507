"""The parts of an alert rule: InfluxQL queries, `reduce` and `math`.

Each part has a refId of one letter. `reduce` makes one number of each series of a query, `math` calculates with the
numbers of equal labels. The rule fires for each series for which the last part is not 0.
"""

from typing import Any

INFLUX = "wardwatch-influx"
EXPRESSION_SOURCE = "-100"  # the uid of Grafana's own calculations
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Part = dict[str, Any]


def query(ref_id: str, influxql: str, last: int) -> Part:
    """A query about the last `last` seconds, which Grafana puts in place of `$timeFilter`."""
    return {
        "refId": ref_id,
        "relativeTimeRange": {"from": last, "to": 0},
        "datasourceUid": INFLUX,
        "model": {
            "refId": ref_id, "query": influxql, "rawQuery": True, "resultFormat": "time_series", "intervalMs": 1000,
            "maxDataPoints": 43200,
        },
    }  # fmt: skip


def reduce(ref_id: str, of: str, reducer: str) -> Part:
    """One number for each series of the part `of`: its `last`, `max`, `min` or `sum`; missing values are ignored."""
    return _expression(ref_id, "reduce", of, reducer=reducer, settings={"mode": "dropNN"})


def math(ref_id: str, formula: str) -> Part:
    """A calculation, such as `${B} > 3`. A series without labels is combined with every other."""
    return _expression(ref_id, "math", formula)


def _expression(ref_id: str, type_: str, expression: str, **more: Any) -> Part:
    return {
        "refId": ref_id,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": EXPRESSION_SOURCE,
        "model": {"refId": ref_id, "type": type_, "expression": expression, **more},
    }
