"""Every question of every dashboard is answered by a real InfluxDB, and asks for nothing the schema does not name."""

import re
from collections.abc import Iterator, Mapping

import pytest

from influx.schema import schema
from tests.grafana.filled import Filled
from tests.grafana.given import Question, config, dashboards, questions, rendered
from ward.retention_policy import RetentionPolicy

ALL = [question for question in questions() if question.query]
_IDENTIFIER = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SHOWN = re.compile(r'AS "((?:[^"\\]|\\.)*)"')
_ASKED = re.compile(r'FROM "([^"]+)"\."([^"]+)"')
_EASY = re.compile(r"=~ /\^[^/]*\$/|'(?:[^'\\]|\\.)*'")
CHOSEN = {"ward": "icu", "bed": "icu-09", "device": "mon-icu-09", "imaging_device": "MRI-1"}
# Columns that have nothing in this week: monitors send again what was not acknowledged, and no bed is in the suite.
RARE = {("ward-bed", "Lost"), ("ward-imaging", "Bed"), ("ward-imaging", "bed")}

# Nobody took an alert of the suite in this week; the question is asked all the same.
NEVER = {("ward-imaging", "annotation Acknowledged")}


def variables(uid: str) -> Mapping[str, str]:
    """The custom *all* of each variable of a dashboard."""
    return {v["name"]: v.get("allValue", "") for v in dashboards()[uid]["templating"]["list"]}


def asked(question: Question, filled: Filled, chosen: Mapping[str, str], days: float) -> str:
    """As Grafana would send it for the last days of the week."""
    width = round(days * 86_400_000)
    time = f"time >= {filled.end // 1000 - width}ms AND time <= {filled.end // 1000}ms"
    values = dict.fromkeys(variables(question.uid), "$__all") | {"resolution": "autogen"} | dict(chosen)
    values |= {"__from": str(filled.end // 1000 - width), "__to": str(filled.end // 1000)}
    return rendered(question.query, values, variables(question.uid), time, "30m")


def one_of_each(uid: str) -> Mapping[str, str]:
    return {name: CHOSEN[name] for name in variables(uid) if name in CHOSEN}


def columns(question: Question) -> set[str]:
    """What the outermost question calls its columns."""
    outer = question.query.split(" FROM ", 1)[0]
    return set(_SHOWN.findall(outer))


@pytest.mark.engines
@pytest.mark.parametrize("question", ALL, ids=str)
def test_with_everything_chosen_rows_come_back_with_all_columns(question: Question, filled: Filled) -> None:
    rows = filled.rows(asked(question, filled, {}, 7))
    if not rows and (question.uid, question.panel) in NEVER:
        return
    assert rows, asked(question, filled, {}, 7)
    assert columns(question) <= set(rows[0])
    for shown in columns(question):
        if (question.uid, shown) in RARE:
            continue
        assert any(row[shown] is not None for row in rows), f"{shown} is never there"


@pytest.mark.engines
@pytest.mark.parametrize("question", ALL, ids=str)
def test_with_one_value_chosen_rows_come_back_with_all_columns(question: Question, filled: Filled) -> None:
    tried = (filled.rows(asked(question, filled, chosen, 7)) for chosen in choices(question, filled))
    rows = next(filter(None, tried), [])
    if not rows and (question.uid, question.panel) in NEVER:
        return
    assert rows, asked(question, filled, one_of_each(question.uid), 7)
    assert columns(question) <= set(rows[0])


def choices(question: Question, filled: Filled) -> Iterator[Mapping[str, str]]:
    """One value for each variable; where it rightly has nothing, each value there is in turn."""
    yield one_of_each(question.uid)
    for variable in dashboards()[question.uid]["templating"]["list"]:
        if variable["name"] in CHOSEN and variable["name"] in question.query:
            whole = Question(question.uid, "", variable["query"])
            for row in filled.rows(asked(whole, filled, {}, 7)):
                yield {variable["name"]: str(row["value"])}


HOSTILE = ("'", '"', "/", "x/ OR time > 0 --", "'; DROP MEASUREMENT vitals; --", '"; DROP DATABASE ward; "', "\\",
           "$ward", "${ward:raw}", "[[ward]]", "a\nb", "(((", "icu-01|icu-02", "$timeFilter")  # fmt: skip


@pytest.mark.engines
@pytest.mark.parametrize("bad", HOSTILE)
def test_what_is_no_id_finds_nothing_and_breaks_nothing(bad: str, filled: Filled) -> None:
    before = filled.rows("SELECT count(spo2) AS n FROM vitals WHERE time <= now()")
    for question in ALL:
        names = set(variables(question.uid)) & set(CHOSEN)
        if names:
            filled.ask(asked(question, filled, dict.fromkeys(names, bad), 7))  # an error of InfluxDB fails it
    assert filled.rows("SELECT count(spo2) AS n FROM vitals WHERE time <= now()") == before


def sources(query: str) -> Iterator[tuple[str, str]]:
    """Each policy and measurement that is read."""
    yield from _ASKED.findall(query)


@pytest.mark.parametrize("question", ALL, ids=str)
def test_a_question_asks_only_for_what_the_schema_names(question: Question) -> None:
    known = schema()
    signals = set(config().catalogue)
    read = list(sources(question.query))
    assert read, question.query
    for policy, measurement in read:
        policies = (
            [RetentionPolicy.AUTOGEN, RetentionPolicy.MINUTES, RetentionPolicy.HOURS]
            if "$" in policy
            else [RetentionPolicy(policy)]
        )
        assert set(policies) <= set(known[measurement].policies), f"{measurement} is not kept in {policy}"
    made = set(_SHOWN.findall(question.query))
    bare = _EASY.sub("", _ASKED.sub("", re.sub(r'AS "(?:[^"\\]|\\.)*"', "", question.query)))
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
def test_a_range_is_read_from_where_it_still_is(hours: int, ago_days: int, policy: str, filled: Filled) -> None:
    begins = filled.end // 1000 - ago_days * 86_400_000 - hours * 3_600_000
    values = {"__from": str(begins), "__to": str(begins + hours * 3_600_000)}
    for question in (question for question in ALL if question.panel == "variable resolution"):
        assert [row["policy"] for row in filled.rows(rendered(question.query, values, {}, "", ""))] == [policy]
