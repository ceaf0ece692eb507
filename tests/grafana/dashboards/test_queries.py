"""Every query of every dashboard returns rows from a real InfluxDB, and uses only names of the schema."""

import re
from collections.abc import Iterator, Mapping

import pytest

from influx.schema import schema
from tests.grafana.filled_influxdb import FilledInfluxdb
from tests.grafana.generated import DashboardQuery, all_queries, config, dashboards, rendered
from ward.retention_policy import RetentionPolicy

ALL = [query for query in all_queries() if query.influxql]
_IDENTIFIER = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SHOWN = re.compile(r'AS "((?:[^"\\]|\\.)*)"')
_SOURCE = re.compile(r'FROM "([^"]+)"\."([^"]+)"')
_LITERALS = re.compile(r"=~ /\^[^/]*\$/|'(?:[^'\\]|\\.)*'")
SELECTED = {"ward": "icu", "bed": "icu-09", "device": "mon-icu-09", "imaging_device": "MRI-1"}
# Columns without values in this week: monitors repeat lost readings, and the imaging suite has no bed.
# Nobody enters what a stroke risk profile needs.
EMPTY_COLUMNS = {
    ("ward-bed", "Lost"),
    ("ward-bed", "Stroke risk profile (experimental)"),
    ("ward-imaging", "Bed"),
    ("ward-imaging", "bed"),
}

# Queries without rows in this week: nobody acknowledged an alert of the imaging suite.
WITHOUT_ROWS = {("ward-imaging", "annotation Acknowledged")}


def variables(uid: str) -> Mapping[str, str]:
    """The value of *All* for each variable of a dashboard."""
    return {v["name"]: v.get("allValue", "") for v in dashboards()[uid]["templating"]["list"]}


def sent(query: DashboardQuery, filled: FilledInfluxdb, chosen: Mapping[str, str], days: float) -> str:
    """The query as Grafana sends it for the last days of the week."""
    width = round(days * 86_400_000)
    time = f"time >= {filled.end // 1000 - width}ms AND time <= {filled.end // 1000}ms"
    values = dict.fromkeys(variables(query.uid), "$__all") | {"resolution": "autogen"} | dict(chosen)
    values |= {"__from": str(filled.end // 1000 - width), "__to": str(filled.end // 1000)}
    return rendered(query.influxql, values, variables(query.uid), time, "30m")


def one_of_each(uid: str) -> Mapping[str, str]:
    return {name: SELECTED[name] for name in variables(uid) if name in SELECTED}


def columns(query: DashboardQuery) -> set[str]:
    """The names of the columns of the outermost query."""
    outer = query.influxql.split(" FROM ", 1)[0]
    return set(_SHOWN.findall(outer))


@pytest.mark.engines
@pytest.mark.parametrize("query", ALL, ids=str)
def test_with_all_selected_every_column_has_values(query: DashboardQuery, filled: FilledInfluxdb) -> None:
    rows = filled.rows(sent(query, filled, {}, 7))
    if not rows and (query.uid, query.panel) in WITHOUT_ROWS:
        return
    assert rows, sent(query, filled, {}, 7)
    assert columns(query) <= set(rows[0])
    for shown in columns(query):
        if (query.uid, shown) in EMPTY_COLUMNS:
            continue
        assert any(row[shown] is not None for row in rows), f"{shown} has no value"


@pytest.mark.engines
@pytest.mark.parametrize("query", ALL, ids=str)
def test_with_one_value_selected_there_are_rows_with_all_columns(query: DashboardQuery, filled: FilledInfluxdb) -> None:
    tried = (filled.rows(sent(query, filled, chosen, 7)) for chosen in choices(query, filled))
    rows = next(filter(None, tried), [])
    if not rows and (query.uid, query.panel) in WITHOUT_ROWS:
        return
    assert rows, sent(query, filled, one_of_each(query.uid), 7)
    assert columns(query) <= set(rows[0])


def choices(query: DashboardQuery, filled: FilledInfluxdb) -> Iterator[Mapping[str, str]]:
    """One value for each variable; then each possible value of each variable, as the first may have no rows."""
    yield one_of_each(query.uid)
    for variable in dashboards()[query.uid]["templating"]["list"]:
        if variable["name"] in SELECTED and variable["name"] in query.influxql:
            whole = DashboardQuery(query.uid, "", variable["query"])
            for row in filled.rows(sent(whole, filled, {}, 7)):
                yield {variable["name"]: str(row["value"])}


HOSTILE = ("'", '"', "/", "x/ OR time > 0 --", "'; DROP MEASUREMENT vitals; --", '"; DROP DATABASE ward; "', "\\",
           "$ward", "${ward:raw}", "[[ward]]", "a\nb", "(((", "icu-01|icu-02", "$timeFilter")  # fmt: skip


@pytest.mark.engines
@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_values_find_nothing_and_change_nothing(bad: str, filled: FilledInfluxdb) -> None:
    before = filled.rows("SELECT count(spo2) AS n FROM vitals WHERE time <= now()")
    for query in ALL:
        names = set(variables(query.uid)) & set(SELECTED)
        if names:
            filled.series(sent(query, filled, dict.fromkeys(names, bad), 7))  # fails if InfluxDB returns an error
    assert filled.rows("SELECT count(spo2) AS n FROM vitals WHERE time <= now()") == before


def sources(query: str) -> Iterator[tuple[str, str]]:
    """Each policy and measurement that a query reads."""
    yield from _SOURCE.findall(query)


@pytest.mark.parametrize("query", ALL, ids=str)
def test_a_query_uses_only_names_of_the_schema(query: DashboardQuery) -> None:
    known = schema()
    signals = set(config().catalogue)
    read = list(sources(query.influxql))
    assert read, query.influxql
    for policy, measurement in read:
        policies = (
            [RetentionPolicy.AUTOGEN, RetentionPolicy.MINUTES, RetentionPolicy.HOURS]
            if "$" in policy
            else [RetentionPolicy(policy)]
        )
        assert set(policies) <= set(known[measurement].policies), f"{measurement} is not stored in {policy}"
    made = set(_SHOWN.findall(query.influxql))
    bare = _LITERALS.sub("", _SOURCE.sub("", re.sub(r'AS "(?:[^"\\]|\\.)*"', "", query.influxql)))
    for name in set(_IDENTIFIER.findall(bare)) - made:
        there = [
            name in known[m].tags or any(known[m].kind(name, one, signals) for one in known[m].policies)
            for _, m in read
        ]
        assert any(there), f"{name} is neither a tag nor a field of {sorted({m for _, m in read})}"


@pytest.mark.engines
@pytest.mark.parametrize(
    ("hours", "ago_days", "policy"),
    [(1, 0, "autogen"), (7, 0, "minutes"), (300, 13, "hours"), (1, 40, "minutes"), (1, 500, "hours")],
)
def test_a_time_range_is_read_from_a_policy_that_still_has_it(
    hours: int, ago_days: int, policy: str, filled: FilledInfluxdb
) -> None:
    begins = filled.end // 1000 - ago_days * 86_400_000 - hours * 3_600_000
    values = {"__from": str(begins), "__to": str(begins + hours * 3_600_000)}
    for query in (query for query in ALL if query.panel == "variable resolution"):
        assert [row["policy"] for row in filled.rows(rendered(query.influxql, values, {}, "", ""))] == [policy]
