"""The committed alerting files follow the config, and missing data never count as OK."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from alerts.routing.route_tree import matching_routes
from grafana.alerting.contact_points import direct
from grafana.alerting.files import FOLDERS, files
from grafana.alerting.mute_timings import mute_timings
from grafana.alerting.policies import GRAFANA_LABELS, policies
from grafana.alerting.rules.rule import duration, whole_evaluations
from grafana.alerting.rules.safety_net import NO_ANSWER, limits
from grafana.alerting.variables import literal, variables_in
from grafana.provisioning_files import FOLDER, differences, write
from grafana.validation.folder import folder_problems
from influx.schema import schema
from tests.app.calling import ADDRESSES, SHIPPED, call
from tests.grafana.generated import alerting_files, config
from ward.config.alerting import Alerting
from ward.config.yaml.libyaml import parse_yaml
from ward.matcher import Matcher


@cache
def content(name: str) -> Any:
    return parse_yaml(alerting_files()[f"alerting/{name}.yaml"])


def rules() -> Iterator[dict[str, Any]]:
    for name in ("rules-active-alerts", "rules-pipeline", "rules-safety-net"):
        for group in content(name)["groups"]:
            yield from group["rules"]


def test_the_committed_files_are_what_the_command_generates() -> None:
    assert not list(differences(alerting_files(), FOLDERS, FOLDER)), "run wardwatch grafana alerts"


def test_writing_deletes_files_that_are_not_generated_and_then_changes_nothing(tmp_path: Path) -> None:
    assert sorted(write(files(config()), FOLDERS, tmp_path)) == sorted(alerting_files())
    (tmp_path / "alerting/old.yaml").write_text("{}")
    assert write(files(config()), FOLDERS, tmp_path) == ["alerting/old.yaml"]
    assert not write(files(config()), FOLDERS, tmp_path)


def test_the_command_reports_what_differs_and_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ADDRESSES.items():
        monkeypatch.setenv(name, value)
    options = ("grafana", "alerts", "--to", str(tmp_path), "--config", str(SHIPPED))
    checked = call(*options, "--check")
    assert checked.exit_code == 1
    assert "alerting/policies.yaml: differs: run wardwatch grafana alerts" in checked.stdout
    written = call(*options)
    assert "alerting/policies.yaml: written" in written.stdout
    # The folder has no data source file, so the data source of the rules is unknown.
    assert "unknown-data-source" in written.stderr
    assert folder_problems(config(), tmp_path)


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: str(rule["uid"]))
def test_no_rule_counts_a_missing_answer_as_ok(rule: dict[str, Any]) -> None:
    assert rule["noDataState"] in ("Alerting", "NoData")
    assert rule["execErrState"] in ("Alerting", "Error")
    if rule["labels"]["ends"] == "known":
        # The same alert in every state: Grafana adds these labels to an empty answer and to an error.
        assert {"datasource_uid", "ref_id"} <= set(rule["labels"])
        assert (rule["noDataState"], rule["execErrState"]) == ("Alerting", "Alerting")
        assert not any('GROUP BY "' in part["model"].get("query", "") for part in rule["data"])


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: str(rule["uid"]))
def test_a_rule_has_a_description_and_queries_known_measurements(rule: dict[str, Any]) -> None:
    assert len(rule["annotations"]["description"]) > 40
    known = schema()
    for part in rule["data"]:
        query = part["model"].get("query", "")
        if query:
            measurement = query.split('FROM "autogen"."')[1].split('"')[0]
            assert measurement in known, query


def test_texts_in_which_some_version_replaces_variables_have_no_dollar() -> None:
    for rule in rules():
        assert "$" not in str(rule["labels"]) + str(rule["annotations"]) + rule["title"]
    assert "$" not in alerting_files()["alerting/templates.yaml"]


def test_a_dollar_in_the_config_is_doubled() -> None:
    route = {"receiver": "r", "routes": [{"matchers": ['alertname=~"stuck-.+$"', "kind=technical"], "receiver": "r"}]}
    made = policies(Alerting.model_validate({"receivers": [{"name": "r", "channels": []}], "route": route}))
    text = str(made)
    assert "stuck-.+$$'" in text
    assert not list(variables_in(text))
    assert literal("a$b") == "a$$b"


def test_policies_lead_to_the_same_receivers_as_the_routes() -> None:
    """For alerts of all severities, kinds, wards and some names."""
    (root,) = content("policies")["policies"]
    alerting = config().alerting
    for severity in ("high", "medium", "low"):
        for kind in ("physiological", "technical"):
            for ward in ("icu", "imaging", ""):
                for name in ("tachycardia", "device-silent", "program-silent", "grafana-canary-old"):
                    for bed in ("icu-02", ""):
                        ours = {"alertname": name, "severity": severity, "kind": kind, "ward": ward, "bed": bed}
                        theirs = {GRAFANA_LABELS.get(k, k): v for k, v in ours.items()} | {"notifier": "grafana"}
                        wanted = {choice.receiver for choice in matching_routes(alerting.route, ours)}
                        for ends in (True, False):
                            asked = theirs | {"ends": "known" if ends else "unknown"}
                            assert set(receivers(root, asked)) == {direct(name, ends=ends) for name in wanted}
                        assert list(receivers(root, theirs | {"notifier": "wardwatch"})) == ["wardwatch"]


def receivers(policy: dict[str, Any], labels: dict[str, str]) -> Iterator[str]:
    """The receivers of an alert, by the algorithm of Alertmanager."""
    found = False
    for child in policy.get("routes", ()):
        if all(
            Matcher(label, op, value.replace("$$", "$")).matches(labels)
            for label, op, value in child["object_matchers"]
        ):
            found = True
            yield from receivers(child, labels)
            if not child.get("continue"):
                return
    if not found:
        yield policy["receiver"]


def test_only_contact_points_with_ends_send_ends_to_people() -> None:
    for point in content("contact-points")["contactPoints"]:
        for integration in point["receivers"]:
            is_people = integration["type"] != "prometheus-alertmanager"
            sends_ends = not integration["disableResolveMessage"]
            assert not (is_people and sends_ends) or point["name"].endswith("(with ends)")


def test_every_contact_point_has_the_notifier_of_wardwatch_too() -> None:
    for point in content("contact-points")["contactPoints"]:
        (ours,) = [i for i in point["receivers"] if i["type"] == "prometheus-alertmanager"]
        assert ours["settings"] == {
            "url": "${WARDWATCH_WEB_URL}", "basicAuthUser": "grafana",
            "basicAuthPassword": "${WARDWATCH_GRAFANA_SENDER_PASSWORD}",
        }  # fmt: skip
        assert ours["disableResolveMessage"] is False


def test_all_addresses_come_from_the_environment() -> None:
    addresses = {
        i["settings"].get("addresses") or i["settings"]["url"]
        for point in content("contact-points")["contactPoints"]
        for i in point["receivers"]
    }
    assert addresses == {"${WARDWATCH_WEB_URL}", "${WARDWATCH_GRAFANA_MAIL}", "${WARDWATCH_GRAFANA_CHAT}"}


def test_mute_timings_are_the_mute_times_of_the_config() -> None:
    source = {
        "timezone": "Europe/Berlin",
        "mute_times": [
            {
                "name": "x",
                "windows": [{"weekdays": ["sunday"], "from": "02:00", "until": "04:00"}, {"on": "2026-12-05"}],
            }
        ],
    }  # fmt: skip
    assert mute_timings(Alerting.model_validate(source))["muteTimes"] == [
        {
            "orgId": 1, "name": "x",
            "time_intervals": [
                {"times": [{"start_time": "02:00", "end_time": "04:00"}], "weekdays": ["sunday"],
                 "location": "Europe/Berlin"},
                {"times": [{"start_time": "00:00", "end_time": "24:00"}], "years": ["2026"], "months": ["12"],
                 "days_of_month": ["5"], "location": "Europe/Berlin"},
            ],
        }
    ]  # fmt: skip
    names = {time["name"] for time in content("mute-timings")["muteTimes"]}
    assert names == {time.name for time in config().alerting.mute_times}


def test_the_safety_net_has_the_widest_value_of_each_limit_of_a_vital_sign() -> None:
    found = {limit.rule.name: limit for limit in limits(config())}
    assert set(found) == {
        rule.name for rule in config().rules if rule.detector == "limits" and rule.kind == "physiological"
    }
    assert (found["tachycardia"].value, found["tachycardia"].recovery) == (150, 145)
    assert found["bradycardia"].value == 32  # an override; the default is 36
    assert found["desaturation"].value == 84  # the override of a patient with COPD
    assert found["desaturation"].recovery == 86


@pytest.mark.parametrize("bed", ["icu-01", ""])
def test_a_device_without_a_bed_is_not_mistaken_for_a_missing_answer(bed: str) -> None:
    for rule in content("rules-safety-net")["groups"][0]["rules"]:
        labels = {name: rendered(text, {"device": "m1", "bed": bed}) for name, text in rule["labels"].items()}
        no_answer = {name: rendered(text, {}) for name, text in rule["labels"].items()}
        assert (labels["wardwatch_alert"], labels["kind"], labels["device_id"]) == (
            rule["uid"][9:],
            "physiological",
            "m1",
        )
        assert (no_answer["wardwatch_alert"], no_answer["kind"], no_answer["device_id"]) == (NO_ANSWER, "technical", "")
        assert rendered(rule["annotations"]["summary"], {"device": "m1", "bed": bed}).startswith(f"{bed or 'm1'}: ")


@pytest.mark.parametrize(
    ("labels", "summary"),
    [
        (
            {"wardwatch_alert": "desaturation", "ward": "icu", "bed": "icu-03", "metric": "spo2"},
            "icu-03: desaturation spo2",
        ),
        ({"wardwatch_alert": "device-silent", "ward": "icu", "device_id": "x7"}, "icu x7: device-silent"),
        ({"wardwatch_alert": "device-silent", "device_id": "x7"}, "x7: device-silent"),
        ({"wardwatch_alert": "program-silent", "program": "bridge"}, "bridge: program-silent"),
        ({"wardwatch_alert": "stock-low", "ward": "icu"}, "icu: stock-low"),
        ({"wardwatch_alert": "grafana-silent-web"}, "grafana-silent-web"),
        ({}, "Unknown which alerts are active: the store has not answered"),
    ],
)  # fmt: skip
def test_an_alert_without_a_bed_or_a_device_has_no_empty_place_before_its_name(
    labels: dict[str, str], summary: str
) -> None:
    for rule in content("rules-active-alerts")["groups"][0]["rules"]:
        assert rendered(rule["annotations"]["summary"], labels) == summary


def rendered(template: str, labels: dict[str, str]) -> str:
    """The template as Grafana renders it for a series with these labels; other expressions stay as they are."""
    choice = re.compile(r"{{ if \.Labels\.(\w+) }}((?:(?!{{ if ).)*?){{ else }}((?:(?!{{ if ).)*?){{ end }}")
    other = re.compile(r"{{ if (?!\.Labels)[^}]* }}((?:(?!{{ if ).)*?){{ else }}((?:(?!{{ if ).)*?){{ end }}")
    text = other.sub(r"\1", template)
    while text != (inner := choice.sub(lambda found: found[2] if labels.get(found[1]) else found[3], text)):
        text = inner
    return re.sub(r"{{ \.Labels\.(\w+) }}", lambda found: labels.get(found[1], ""), text)


def test_durations_are_multiples_of_the_evaluation_interval() -> None:
    assert [duration(whole_evaluations(s)) for s in (0, 1, 10, 15, 60, 95)] == [
        "0s",
        "10s",
        "10s",
        "20s",
        "1m",
        "1m40s",
    ]
