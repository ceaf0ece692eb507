# ruff: noqa: E501 - one mistake a line reads best
"""Every mistake in the provisioning tree is named before Grafana meets it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from grafana.alerting.variables import KNOWN
from grafana.complaint import Mistake
from grafana.tree import texts
from grafana.validate import validate
from grafana.written import FOLDER
from ward.config.yaml.libyaml import parse_yaml

CHANNELS = frozenset({"WARDWATCH_GRAFANA_MAIL", "WARDWATCH_GRAFANA_CHAT"})
RULES, NET = "alerting/rules-pipeline.yaml", "alerting/rules-safety-net.yaml"
PEOPLE, POLICIES = "alerting/contact-points.yaml", "alerting/policies.yaml"
TIMES, WORDS = "alerting/mute-timings.yaml", "alerting/templates.yaml"
SOURCES, PROVIDERS = "datasources/wardwatch.yaml", "dashboards/wardwatch.yaml"

Plant = Callable[[Any], None]


@cache
def sound() -> dict[str, str]:
    return texts(FOLDER)


def put(*way: str | int, value: Any) -> Plant:
    """Another value at a place."""

    def plant(content: Any) -> None:
        for step in way[:-1]:
            content = content[step]
        content[way[-1]] = value

    return plant


def drop(*way: str | int) -> Plant:
    def plant(content: Any) -> None:
        for step in way[:-1]:
            content = content[step]
        del content[way[-1]]

    return plant


def add(*way: str | int, text: str) -> Plant:
    """The text there, with more at its end."""

    def plant(content: Any) -> None:
        for step in way[:-1]:
            content = content[step]
        content[way[-1]] += text

    return plant


RULE = ("groups", 0, "rules", 0)
CASES: list[tuple[str, str, Plant, Mistake]] = [
    ("a key of another version", RULES, put(*RULE, "keepFiringFor", value="1m"), Mistake.UNKNOWN_KEY),
    ("executionErrorState, as Grafana's own sample has it", RULES, put(*RULE, "executionErrorState", value="Alerting"),
     Mistake.UNKNOWN_KEY),
    ("no uid", RULES, drop(*RULE, "uid"), Mistake.MISSING_KEY),
    ("no data is OK", RULES, put(*RULE, "noDataState", value="OK"), Mistake.NEVER_OK),
    ("an error keeps the last state", RULES, put(*RULE, "execErrState", value="KeepLast"), Mistake.NEVER_OK),
    ("a span without a unit", RULES, put(*RULE, "for", value="60"), Mistake.WRONG_VALUE),
    ("a round of 15 s", RULES, put("groups", 0, "interval", value="15s"), Mistake.SHORT_ROUND),
    ("two rules with one uid", NET, put(*RULE, "uid", value="ward-pipeline-canary-old"), Mistake.SAME_UID),
    ("two rules with one title", NET, put(*RULE, "title", value="The canary is old"), Mistake.SAME_NAME),
    ("a condition that is no part", RULES, put(*RULE, "condition", value="Z"), Mistake.UNKNOWN_CONDITION),
    ("a calculation with a part that is not there", RULES, put(*RULE, "data", 2, "model", "expression", value="${Q} > 1"),
     Mistake.UNKNOWN_PART),
    ("a number of a part that is not there", RULES, put(*RULE, "data", 1, "model", "expression", value="Q"),
     Mistake.UNKNOWN_PART),
    ("two parts with one letter", RULES, put(*RULE, "data", 1, "refId", value="A"), Mistake.SAME_PART),
    ("a data source that is not there", RULES, put(*RULE, "data", 0, "datasourceUid", value="influx"),
     Mistake.UNKNOWN_SOURCE),
    ("a question about all time", RULES, put(*RULE, "data", 0, "model", "query", value="SELECT last(x) FROM y"),
     Mistake.UNBOUND_QUERY),
    ("a variable in an annotation", RULES, put(*RULE, "annotations", "summary", value="{{ $labels.bed }}"),
     Mistake.DOLLAR),
    ("a template's variable in a label", RULES, put(*RULE, "labels", "bed", value="{{ $labels.bed }}"),
     Mistake.UNKNOWN_VARIABLE),
    ("two integrations with one uid", PEOPLE, put("contactPoints", 1, "receivers", 0, "uid", value="ward-wardwatch-wardwatch"),
     Mistake.SAME_UID),
    ("two contact points with one name", PEOPLE, put("contactPoints", 1, "name", value="wardwatch"), Mistake.SAME_NAME),
    ("a kind of integration nobody has", PEOPLE, put("contactPoints", 0, "receivers", 0, "type", value="pagerr"),
     Mistake.WRONG_VALUE),
    ("no address", PEOPLE, drop("contactPoints", 1, "receivers", 1, "settings", "addresses"), Mistake.MISSING_KEY),
    ("a template that is not there", PEOPLE,
     put("contactPoints", 1, "receivers", 1, "settings", "subject", value='{{ template "ward.subject" . }}'),
     Mistake.UNKNOWN_TEMPLATE),
    ("ends told that nobody proved", PEOPLE, put("contactPoints", 1, "receivers", 1, "disableResolveMessage", value=False),
     Mistake.UNPROVED_END),
    ("a receiver that is not there", POLICIES, put("policies", 0, "routes", 0, "receiver", value="nurse"),
     Mistake.UNKNOWN_RECEIVER),
    ("a matcher that is none", POLICIES, put("policies", 0, "routes", 0, "object_matchers", value=[["kind", "==", "x"]]),
     Mistake.WRONG_VALUE),
    ("a mute timing that is not there", POLICIES, put("policies", 0, "routes", 0, "mute_time_intervals", value=["night"]),
     Mistake.UNKNOWN_MUTE_TIME),
    ("a root that is quiet at times", POLICIES, put("policies", 0, "mute_time_intervals", value=["maintenance"]),
     Mistake.ROOT_CHOOSES),
    ("an hour that is none", TIMES, put("muteTimes", 0, "time_intervals", 0, "times", 0, "end_time", value="25:00"),
     Mistake.WRONG_VALUE),
    ("a day that is none", TIMES, put("muteTimes", 0, "time_intervals", 0, "weekdays", value=["sonntag"]),
     Mistake.WRONG_VALUE),
    ("a template asks for one that is not there", WORDS, add("templates", 0, "template", text='{{ template "x" . }}'),
     Mistake.UNKNOWN_TEMPLATE),
    ("a template with a variable", WORDS, add("templates", 0, "template", text="{{ $x := 1 }}"), Mistake.DOLLAR),
    ("two data sources with one uid", SOURCES, put("datasources", 1, "uid", value="wardwatch-influx"), Mistake.SAME_UID),
    ("a token in the file", SOURCES, put("datasources", 0, "secureJsonData", "httpHeaderValue1", value="Token abc"),
     Mistake.SECRET),
    ("a variable nobody sets", SOURCES, put("datasources", 0, "url", value="http://${INFLUX_HOST}:8086"),
     Mistake.UNKNOWN_VARIABLE),
    ("a data source that can be edited", SOURCES, put("datasources", 0, "editable", value=True), Mistake.WRONG_VALUE),
    ("another version of files", PROVIDERS, put("apiVersion", value=2), Mistake.WRONG_VALUE),
]  # fmt: skip


def planted(file: str, plant: Plant) -> dict[str, str]:
    content = parse_yaml(sound()[file])
    plant(content)
    return {**sound(), file: yaml.safe_dump(content)}


def test_what_is_checked_in_has_no_mistake() -> None:
    assert [str(found) for found in validate(sound(), CHANNELS)] == []


@pytest.mark.parametrize(("file", "plant", "mistake"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_planted_mistake_is_caught_by_name(file: str, plant: Plant, mistake: Mistake) -> None:
    found = validate(planted(file, plant), CHANNELS)
    assert mistake in {complaint.mistake for complaint in found}
    assert all(complaint.file == file or complaint.mistake is not mistake for complaint in found) or file != NET


def test_at_least_twenty_kinds_of_mistakes_are_planted() -> None:
    assert len(CASES) >= 20
    planted_kinds = {case[3] for case in CASES} | {Mistake.NOT_YAML, Mistake.UNKNOWN_FILE, Mistake.UNSET_VARIABLE}
    assert planted_kinds == set(Mistake)


def test_a_file_that_is_broken_or_nobodys_is_named() -> None:
    found = validate({**sound(), RULES: "groups: [", "alerting/notes.yml": "x"}, CHANNELS)
    assert {(c.file, c.mistake) for c in found} >= {
        (RULES, Mistake.NOT_YAML), ("alerting/notes.yml", Mistake.UNKNOWN_FILE),
    }  # fmt: skip


def variables() -> list[str]:
    return sorted(KNOWN | CHANNELS)


@pytest.mark.parametrize("name", variables())
def test_a_variable_that_is_not_set_is_named_before_grafana_starts(name: str) -> None:
    environ = {**dict.fromkeys(variables(), "x"), name: ""}
    found = validate(sound(), CHANNELS, environ)
    assert [c.mistake for c in found] == [Mistake.UNSET_VARIABLE]
    assert found[0].words.startswith(f"{name} is not set")


def test_a_dashboard_that_asks_a_data_source_that_is_not_there_is_named() -> None:
    page = '{"uid": "x", "panels": [{"datasource": {"uid": "old-influx"}}]}'
    found = validate({**sound(), "dashboards/json/x.json": page}, CHANNELS)
    assert [(c.file, c.where, c.mistake) for c in found] == [
        ("dashboards/json/x.json", "panels.0", Mistake.UNKNOWN_SOURCE)
    ]
