# ruff: noqa: E501 - one problem for each line
"""Every problem of the provisioning files is found before Grafana reads them."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from grafana.alerting.variables import KNOWN
from grafana.provisioning_files import FOLDER
from grafana.validation.problem import ProblemKind
from grafana.validation.provisioning_tree import read_folder
from grafana.validation.validate import validate
from ward.config.yaml.libyaml import parse_yaml

CHANNELS = frozenset({"WARDWATCH_GRAFANA_MAIL", "WARDWATCH_GRAFANA_CHAT"})
RULES, NET = "alerting/rules-pipeline.yaml", "alerting/rules-safety-net.yaml"
CONTACT_POINTS, POLICIES = "alerting/contact-points.yaml", "alerting/policies.yaml"
TIMES, TEMPLATES = "alerting/mute-timings.yaml", "alerting/templates.yaml"
SOURCES, PROVIDERS = "datasources/wardwatch.yaml", "dashboards/wardwatch.yaml"

Plant = Callable[[Any], None]


@cache
def valid() -> dict[str, str]:
    return read_folder(FOLDER)


def put(*path: str | int, value: Any) -> Plant:
    """Replaces the value at a path."""

    def plant(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return plant


def drop(*path: str | int) -> Plant:
    def plant(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        del content[path[-1]]

    return plant


def add(*path: str | int, text: str) -> Plant:
    """Appends a text to the text at a path."""

    def plant(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] += text

    return plant


RULE = ("groups", 0, "rules", 0)
CASES: list[tuple[str, str, Plant, ProblemKind]] = [
    ("a key of another version", RULES, put(*RULE, "keepFiringFor", value="1m"), ProblemKind.UNKNOWN_KEY),
    ("executionErrorState, as Grafana's own sample has it", RULES, put(*RULE, "executionErrorState", value="Alerting"),
     ProblemKind.UNKNOWN_KEY),
    ("no uid", RULES, drop(*RULE, "uid"), ProblemKind.MISSING_KEY),
    ("no data is OK", RULES, put(*RULE, "noDataState", value="OK"), ProblemKind.MISSING_DATA_IS_OK),
    ("an error keeps the last state", RULES, put(*RULE, "execErrState", value="KeepLast"), ProblemKind.MISSING_DATA_IS_OK),
    ("a duration without a unit", RULES, put(*RULE, "for", value="60"), ProblemKind.WRONG_VALUE),
    ("an interval of 15 s", RULES, put("groups", 0, "interval", value="15s"), ProblemKind.WRONG_INTERVAL),
    ("two rules with one uid", NET, put(*RULE, "uid", value="ward-pipeline-canary-old"), ProblemKind.DUPLICATE_UID),
    ("two rules with one title", NET, put(*RULE, "title", value="Canary reading missing"), ProblemKind.DUPLICATE_NAME),
    ("an unknown condition", RULES, put(*RULE, "condition", value="Z"), ProblemKind.UNKNOWN_CONDITION),
    ("a calculation with an unknown refId", RULES, put(*RULE, "data", 2, "model", "expression", value="${Q} > 1"),
     ProblemKind.UNKNOWN_REF_ID),
    ("a reduction of an unknown refId", RULES, put(*RULE, "data", 1, "model", "expression", value="Q"),
     ProblemKind.UNKNOWN_REF_ID),
    ("two parts with one refId", RULES, put(*RULE, "data", 1, "refId", value="A"), ProblemKind.DUPLICATE_REF_ID),
    ("an unknown data source", RULES, put(*RULE, "data", 0, "datasourceUid", value="influx"),
     ProblemKind.UNKNOWN_DATA_SOURCE),
    ("a query without a time filter", RULES, put(*RULE, "data", 0, "model", "query", value="SELECT last(x) FROM y"),
     ProblemKind.QUERY_WITHOUT_TIME),
    ("a variable in an annotation", RULES, put(*RULE, "annotations", "summary", value="{{ $labels.bed }}"),
     ProblemKind.UNEXPECTED_DOLLAR),
    ("a template's variable in a label", RULES, put(*RULE, "labels", "bed", value="{{ $labels.bed }}"),
     ProblemKind.UNKNOWN_VARIABLE),
    ("two integrations with one uid", CONTACT_POINTS, put("contactPoints", 1, "receivers", 0, "uid", value="ward-wardwatch-wardwatch"),
     ProblemKind.DUPLICATE_UID),
    ("two contact points with one name", CONTACT_POINTS, put("contactPoints", 1, "name", value="wardwatch"), ProblemKind.DUPLICATE_NAME),
    ("an unknown type of integration", CONTACT_POINTS, put("contactPoints", 0, "receivers", 0, "type", value="pagerr"),
     ProblemKind.WRONG_VALUE),
    ("no address", CONTACT_POINTS, drop("contactPoints", 1, "receivers", 1, "settings", "addresses"), ProblemKind.MISSING_KEY),
    ("an unknown template in a contact point", CONTACT_POINTS,
     put("contactPoints", 1, "receivers", 1, "settings", "subject", value='{{ template "ward.subject" . }}'),
     ProblemKind.UNKNOWN_TEMPLATE),
    ("ends notified that nobody proved", CONTACT_POINTS, put("contactPoints", 1, "receivers", 1, "disableResolveMessage", value=False),
     ProblemKind.UNPROVED_END),
    ("an unknown receiver", POLICIES, put("policies", 0, "routes", 0, "receiver", value="nurse"),
     ProblemKind.UNKNOWN_RECEIVER),
    ("a wrong matcher", POLICIES, put("policies", 0, "routes", 0, "object_matchers", value=[["kind", "==", "x"]]),
     ProblemKind.WRONG_VALUE),
    ("an unknown mute timing", POLICIES, put("policies", 0, "routes", 0, "mute_time_intervals", value=["night"]),
     ProblemKind.UNKNOWN_MUTE_TIMING),
    ("a root policy with a mute timing", POLICIES, put("policies", 0, "mute_time_intervals", value=["maintenance"]),
     ProblemKind.ROOT_HAS_MATCHERS),
    ("a wrong hour", TIMES, put("muteTimes", 0, "time_intervals", 0, "times", 0, "end_time", value="25:00"),
     ProblemKind.WRONG_VALUE),
    ("a wrong weekday", TIMES, put("muteTimes", 0, "time_intervals", 0, "weekdays", value=["sonntag"]),
     ProblemKind.WRONG_VALUE),
    ("an unknown template in a template", TEMPLATES, add("templates", 0, "template", text='{{ template "x" . }}'),
     ProblemKind.UNKNOWN_TEMPLATE),
    ("a template with a variable", TEMPLATES, add("templates", 0, "template", text="{{ $x := 1 }}"), ProblemKind.UNEXPECTED_DOLLAR),
    ("two data sources with one uid", SOURCES, put("datasources", 1, "uid", value="wardwatch-influx"), ProblemKind.DUPLICATE_UID),
    ("a token in the file", SOURCES, put("datasources", 0, "secureJsonData", "httpHeaderValue1", value="Token abc"),
     ProblemKind.SECRET_IN_FILE),
    ("an unknown variable", SOURCES, put("datasources", 0, "url", value="http://${INFLUX_HOST}:8086"),
     ProblemKind.UNKNOWN_VARIABLE),
    ("a data source that can be edited", SOURCES, put("datasources", 0, "editable", value=True), ProblemKind.WRONG_VALUE),
    ("another version of the file", PROVIDERS, put("apiVersion", value=2), ProblemKind.WRONG_VALUE),
]  # fmt: skip


def planted(file: str, plant: Plant) -> dict[str, str]:
    """All files but the dashboards, with a problem in one of them."""
    content = parse_yaml(valid()[file])
    plant(content)
    others = {name: text for name, text in valid().items() if not name.endswith(".json")}
    return {**others, file: yaml.safe_dump(content)}


def test_the_committed_files_have_no_problem() -> None:
    assert [str(found) for found in validate(valid(), CHANNELS)] == []


@pytest.mark.parametrize(("file", "plant", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_planted_problem_is_found_by_its_kind(file: str, plant: Plant, kind: ProblemKind) -> None:
    found = validate(planted(file, plant), CHANNELS)
    assert kind in {problem.kind for problem in found}
    assert all(problem.file == file or problem.kind is not kind for problem in found) or file != NET


def test_every_kind_of_problem_is_planted() -> None:
    assert len(CASES) >= 20
    planted_kinds = {case[3] for case in CASES} | {
        ProblemKind.NOT_YAML,
        ProblemKind.UNKNOWN_FILE,
        ProblemKind.UNSET_VARIABLE,
    }
    assert planted_kinds == set(ProblemKind)


def test_an_unreadable_and_an_unknown_file_are_reported() -> None:
    found = validate({**valid(), RULES: "groups: [", "alerting/notes.yml": "x"}, CHANNELS)
    assert {(c.file, c.kind) for c in found} >= {
        (RULES, ProblemKind.NOT_YAML), ("alerting/notes.yml", ProblemKind.UNKNOWN_FILE),
    }  # fmt: skip


def variables() -> list[str]:
    return sorted(KNOWN | CHANNELS)


@pytest.mark.parametrize("name", variables())
def test_an_unset_variable_is_reported(name: str) -> None:
    environ = {**dict.fromkeys(variables(), "x"), name: ""}
    found = validate(valid(), CHANNELS, environ)
    assert [c.kind for c in found] == [ProblemKind.UNSET_VARIABLE]
    assert found[0].message.startswith(f"{name} is not set")


def test_a_dashboard_with_an_unknown_data_source_is_reported() -> None:
    page = '{"uid": "x", "panels": [{"datasource": {"uid": "old-influx"}}]}'
    found = validate({**valid(), "dashboards/json/x.json": page}, CHANNELS)
    assert [(c.file, c.path, c.kind) for c in found] == [
        ("dashboards/json/x.json", "panels.0", ProblemKind.UNKNOWN_DATA_SOURCE)
    ]
