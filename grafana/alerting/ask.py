"""What a rule is made of: questions to InfluxDB, numbers of their answers, and calculations with those.

A rule's parts have one letter each. Grafana makes a number a series of each question (`reduce`), calculates with them
series by series (`math`), and where the last part is not 0 the rule holds for the series.
"""

from typing import Any

INFLUX = "wardwatch-influx"
EXPRESSION = "-100"  # Grafana's own calculations
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Part = dict[str, Any]


def question(letter: str, query: str, last: int) -> Part:
    """A question in InfluxQL about the last so many seconds; `$timeFilter` in it is Grafana's word for these."""
    return {
        "refId": letter,
        "relativeTimeRange": {"from": last, "to": 0},
        "datasourceUid": INFLUX,
        "model": {
            "refId": letter, "query": query, "rawQuery": True, "resultFormat": "time_series", "intervalMs": 1000,
            "maxDataPoints": 43200,
        },
    }  # fmt: skip


def reduce(letter: str, of: str, how: str) -> Part:
    """One number a series: `last`, `max`, `min` or `sum` of what is there; gaps are not counted."""
    return _expression(letter, "reduce", of, reducer=how, settings={"mode": "dropNN"})


def math(letter: str, formula: str) -> Part:
    """A calculation: `${B} > 3`. Series without labels go with every other."""
    return _expression(letter, "math", formula)


def _expression(letter: str, kind: str, text: str, **more: Any) -> Part:
    return {
        "refId": letter,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": EXPRESSION,
        "model": {"refId": letter, "type": kind, "expression": text, **more},
    }


def name(text: str) -> str:
    """A quoted identifier of InfluxQL."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(value: str) -> str:
    """A quoted string of InfluxQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
