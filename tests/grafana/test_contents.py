"""What each dashboard is asked to show is on it, with limits of config, its own word for no data, and alerts drawn."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grafana import palette
from grafana.annotations import acknowledgements, alert_spans
from grafana.build import files, pages
from grafana.dashboards.pipeline import PROGRAMS
from grafana.limits import spoken, thresholds
from grafana.variables import resolution
from tests.grafana.given import config, dashboard_files, dashboards, panels
from tests.grafana.week import PROGRAMS as THERE_ARE
from ward.config.config import Config
from ward.config.yaml.libyaml import parse_yaml

# By dashboard, each thing it is asked to show: the panel's title and what its questions read.
ASKED: Mapping[str, Mapping[str, str]] = {
    "ward-bed": {
        "Now": r'"overview"', "Alerts that began in this time": r'"explanation" AS "Why".*"episodes"',
        "Device": r'last\("online"\).*last\("battery"\).*GROUP BY "device"',
        **{f"Last 20: {label}": r'"autogen"\."vitals".*ORDER BY time DESC LIMIT 20$' for label in (
            "Heart rate", "Systolic pressure", "Diastolic pressure", "SpO2", "Temperature", "Respiratory rate")},
    },
    "ward-alerts": {
        "Active": r'sum\("active"\)', "Nobody has taken": '"acknowledged" = 0', "Active now": '"active" = 1',
        "History": r'"episodes".*\$timeFilter', "Half are taken within": r'percentile\("ack_after_s", 50\)',
        "Time to acknowledge": r'percentile\("ack_after_s", 90\)', "Alerts a bed an hour": r"time\(1h\)",
        "Share acknowledged": r'mean\("acknowledged"\).*"notified" = 1',
        "Of the noisiest tenth": r'top\("n", "bed", 2\)',
        "The noisiest tenth of the beds": r'top\("n", "bed", 2\)', "Noisiest rules": r'top\("n", "alertname", 10\)',
    },
    "ward-fleet": {
        "CUSUM of each device": r"'cusum'.*GROUP BY time\(\$__interval\), \"device\", \"signal\"",
        "Where devices are going": r'"per_day".*"crosses_in_d".*"crosses_ms".*"trends"',
        "Flatlines, noise and artefacts": r"\^stuck-", "Gaps and silences": r"\^device-",
        "Lost and repeated": r'sum\("lost_readings"\)', "Battery": r'"battery"', "Clock skew": r'mean\("clock_skew"\)',
    },
    "ward-imaging": {
        "Messages": r'last\("count"\)', "Sensors": r'last\("sensors"\)',
        "Mean humidity by machine": r'sum\("s"\) / sum',
        "Sensors by machine": r'"names" AS', "Humidity over time": r'mean\("humidity"\)',
        "Messages a minute": r"non_negative_derivative",
    },
    "ward-pipeline": {
        "Rate of each stage": "non_negative_derivative",
        "Delay of each stage": r'GROUP BY time\(\$__interval\), "stage"',
        "Lag by group and partition": r'"consumer_partition_lag_records".*"group", "topic", "partition"',
        "Errors an hour": "store_retries",
        "Set aside by reason": r'"stage", "reason"', "Last examples": '"payload"',
        "Balance": "bridge_readings_received_total",
        "Canary": "latency_s", "Store writes": "archive_records_stored_total",
        "Delivery by channel": r'"channel", "result"',
        "Outbox": r'max\("outbox_notifications"\)', "Store takes": '"store_up"',
    },
    "ward-day": {
        "Patients watched": '"patients"', "Admitted": '"admitted"', "Discharged": '"discharged"',
        "Beds watched": '"watched"', "Wards": '"heart_rate_min".*"temperature_max".*"ward_days"',
        "Alerts by severity": r'sum\("high"\).*sum\("low"\)', "Worst hours": r'top\("n", 10\)',
        "Completeness": r'sum\("received"\) / sum\("expected"\)', "Heart rate": r'"hours"\."vitals"',
    },
}  # fmt: skip


@pytest.mark.parametrize(("uid", "title"), [(uid, title) for uid, asked in ASKED.items() for title in asked])
def test_a_dashboard_shows_what_it_is_asked_to(uid: str, title: str) -> None:
    found = [t["query"] for p in panels(dashboards()[uid]) if p["title"] == title for t in p["targets"]]
    assert any(re.search(ASKED[uid][title], query) for query in found), found


def test_there_are_seven_and_the_overview_is_looked_at_elsewhere() -> None:
    assert set(dashboards()) == {*ASKED, "ward-overview"}
    assert len(dashboards()) == 7


def test_what_is_live_comes_anew_every_five_seconds() -> None:
    slow = {"ward-fleet": "1m", "ward-day": "5m"}  # trends are made by the hour, days of the hospital by the day
    assert {uid: page["refresh"] for uid, page in dashboards().items()} == {
        uid: slow.get(uid, "5s") for uid in dashboards()
    }


VARIABLES = {
    "ward-overview": ["ward"], "ward-bed": ["ward", "bed", "resolution"], "ward-alerts": ["ward", "bed"],
    "ward-fleet": ["ward", "device", "resolution"], "ward-imaging": ["imaging_device", "resolution"],
    "ward-pipeline": [], "ward-day": ["ward"],
}  # fmt: skip


@pytest.mark.parametrize("uid", sorted(VARIABLES))
def test_a_dashboard_is_narrowed_by_its_variables_or_shows_all(uid: str) -> None:
    found = dashboards()[uid]["templating"]["list"]
    assert [variable["name"] for variable in found] == VARIABLES[uid]
    for variable in found:
        if variable["name"] == "resolution":
            continue
        assert (variable["includeAll"], variable["multi"], variable["refresh"]) == (True, False, 1)
        assert variable["current"]["value"] == "$__all"
        assert variable["allValue"] == ("_all" if uid == "ward-overview" else ".*")
        asked = [t["query"] for p in panels(dashboards()[uid]) for t in p["targets"] if "query" in t]
        assert any(f"${{{variable['name']}:percentencode}}" in query for query in asked)


def test_a_bed_is_offered_of_the_chosen_ward_only() -> None:
    (bed,) = [v for v in dashboards()["ward-bed"]["templating"]["list"] if v["name"] == "bed"]
    assert bed["query"].endswith('WITH KEY = "bed" WHERE "ward" =~ /^${ward:percentencode}$/')


def test_the_resolution_follows_the_time_range_without_anybody_seeing_it() -> None:
    made = resolution().build()
    assert (str(made.hide.value), str(made.refresh.value)) == ("2", "2")  # type: ignore[union-attr]
    assert '"below_ms" > ${__to} - ${__from} AND time >= now() - ${__from}ms LIMIT 1' in str(made.query)


@pytest.mark.parametrize("uid", sorted(set(dashboards()) - {"ward-overview"}))
def test_what_is_not_there_has_its_own_word_and_colour(uid: str) -> None:
    """Where nothing is the good news the panel says so in its description."""
    for panel in panels(dashboards()[uid]):
        if panel["type"] not in ("stat", "timeseries", "bargauge"):
            continue
        said = panel["fieldConfig"]["defaults"]
        if panel["type"] == "timeseries":  # Grafana says it by itself, and would write it on every axis
            assert "noValue" not in said
            continue
        (nothing,) = [m["options"]["result"] for m in said["mappings"] if m["type"] == "special"] or [None]
        if said["noValue"] == "none":
            assert "*none*" in panel["description"], panel["title"]
            continue
        assert said["noValue"] == "NO DATA", panel["title"]
        assert nothing is not None, panel["title"]
        assert (nothing["text"], nothing["color"]) == ("NO DATA", palette.NO_DATA)


def test_no_colour_of_a_state_is_that_of_no_data() -> None:
    others = {palette.HIGH, palette.MEDIUM, palette.LOW, palette.TAKEN, palette.LOST, palette.FINE, palette.EMPTY,
              palette.GOOD, palette.SPAN}  # fmt: skip
    assert len(others) == 9
    assert palette.NO_DATA not in others


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_a_curve_has_a_legend_with_numbers_in_its_unit_and_a_gap_stays_one(uid: str) -> None:
    counts = re.compile(r"^(Alerts an hour|CUSUM|Messages a minute|Sensors|Lag |Set aside|Errors|Delivery|Outbox)")
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "timeseries":
            said = panel["fieldConfig"]["defaults"]
            assert said.get("unit") or counts.match(panel["title"]), panel["title"]
            assert panel["options"]["legend"]["showLegend"]
            assert said["custom"]["spanNulls"] is False
            names_only = panel["options"]["legend"]["placement"] == "right"
            assert panel["options"]["legend"]["calcs"] == ([] if names_only else ["min", "mean", "max", "lastNotNull"])


def test_the_bed_has_a_curve_of_each_vital_with_the_limits_of_config_in_its_unit() -> None:
    found = {p["title"]: p for p in panels(dashboards()["ward-bed"]) if p["type"] == "timeseries"}
    for signal in config().catalogue.vitals():
        said = found[signal.label]["fieldConfig"]["defaults"]
        drawn = [(step["value"], step["color"]) for step in said["thresholds"]["steps"]]
        assert drawn == [(step.value, step.color) for step in thresholds(config(), signal.name)]
        assert said["custom"]["thresholdsStyle"]["mode"] == "line+area"
        assert signal.display in said["unit"] or (signal.display, said["unit"]) in {("%", "percent"), ("°C", "celsius")}
        query = found[signal.label]["targets"][0]["query"]
        assert 'FROM "${resolution:percentencode}"."vitals"' in query
        assert {f'{how}("{signal.name}")' for how in ("mean", "min", "max")} <= set(re.findall(r'\w+\("\w+"\)', query))
        assert query.endswith('GROUP BY time($__interval), "bed" fill(null)')


def test_limits_are_drawn_where_they_are_with_the_colour_of_what_is_beyond() -> None:
    steps = [(step.value, step.color) for step in thresholds(config(), "heart_rate")]
    raised = {rule.name: rule.settings for rule in config().rules if rule.name in ("tachycardia", "bradycardia")}
    below, above = raised["bradycardia"], raised["tachycardia"]
    colours = {"low": palette.LOW, "medium": palette.MEDIUM, "high": palette.HIGH}
    sides = [(below[name], name) for name in ("high", "medium", "low") if below.get(name) is not None]
    wanted: list[tuple[float | None, str]] = [(None, colours[sides[0][1]])]
    for (limit, _), (_, follows) in zip(sides, [*sides[1:], (0, "")], strict=True):
        wanted.append((limit, colours.get(follows, "transparent")))
    wanted += [(above[name], colours[name]) for name in ("low", "medium", "high") if above.get(name) is not None]
    assert steps == wanted
    values = [value for value, _ in steps[1:]]
    assert values == sorted(values, key=float)  # type: ignore[arg-type]


def changed(rule: str, **settings: float) -> Config:
    """The shipped config with another limit."""
    rules = tuple(replace(r, settings={**r.settings, **settings}) if r.name == rule else r for r in config().rules)
    return replace(config(), rules=rules)


def test_another_limit_in_config_is_another_line_and_other_words() -> None:
    other = changed("tachycardia", high=163.0)
    assert 163.0 in [step.value for step in thresholds(other, "heart_rate")]
    assert "HIGH above 163 /min" in spoken(other, "heart_rate")
    assert files(other)["dashboards/json/ward-bed.json"] != dashboard_files()["dashboards/json/ward-bed.json"]


def test_a_limit_is_told_in_words_with_those_for_whom_others_hold() -> None:
    said = spoken(config(), "heart_rate")
    assert said.startswith("Limits for everyone: ")
    assert "HIGH above 150 /min" in said
    assert "HIGH below" in said
    assert "Others hold for " in said
    assert spoken(config(), "pressure") == "There is no limit for it."


def test_the_levels_of_other_detectors_are_no_limits() -> None:
    others = replace(config(), rules=tuple(replace(rule, detector="trend") for rule in config().rules))
    assert [(step.value, step.color) for step in thresholds(others, "heart_rate")] == [(None, "transparent")]


# Drawn at once where one bed or one suite is looked at; elsewhere there are so many that a switch shows them.
DRAWN = {"ward-bed": True, "ward-imaging": True, "ward-alerts": False, "ward-fleet": False, "ward-pipeline": False,
         "ward-day": False}  # fmt: skip


def test_alerts_and_who_took_them_can_be_drawn_over_every_curve() -> None:
    for uid, page in dashboards().items():
        found = {a["name"]: a for a in page["annotations"]["list"]}
        curves = [panel for panel in panels(page) if panel["type"] == "timeseries"]
        assert bool(curves) is bool(found), uid
        if found:
            assert set(found) == {"Alerts", "Acknowledged"}
            assert {a["enable"] for a in found.values()} == {DRAWN[uid]}
            for name in {"ward", "bed", "device"} & {v["name"] for v in page["templating"]["list"]}:
                assert all(f'"{name}" =~ /^${{{name}:percentencode}}$/' in a["query"] for a in found.values())


def test_a_span_ends_where_its_alert_did_and_says_what_it_was() -> None:
    said = alert_spans("bed").to_json()
    assert (said["textColumn"], said["timeEndColumn"]) == ("words", "ends_ms")
    assert {"words", "ends_ms"} <= set(re.findall(r'AS "(\w+)"', str(said["query"])))
    assert 'FROM "facts"."episodes"' in str(said["query"])
    taken = acknowledgements("bed").to_json()
    assert (taken["textColumn"], taken["timeEndColumn"]) == ("acknowledged_by", "")
    assert '"acknowledged" = 1' in str(taken["query"])
    assert said["target"]["query"] == said["query"]  # type: ignore[index]
    assert str(said["iconColor"]) not in {palette.HIGH, palette.MEDIUM, palette.LOW}


def test_one_program_that_is_dead_is_seen_although_simulators_live() -> None:
    assert set(PROGRAMS) == set(THERE_ARE)
    (panel,) = [p for p in panels(dashboards()["ward-pipeline"]) if p["title"] == "Programs at work"]
    assert [s["value"] for s in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, len(THERE_ARE)]
    assert f"=~ /^({'|'.join(PROGRAMS)})$/" in panel["targets"][0]["query"]


def test_a_device_is_dark_and_not_connected_where_it_says_so() -> None:
    (device,) = [p for p in panels(dashboards()["ward-bed"]) if p["title"] == "Device"]
    (words,) = [
        {v: e["text"] for v, e in m["options"].items()}
        for o in device["fieldConfig"]["overrides"] if o["matcher"]["options"] == "Connected"
        for p in o["properties"] if p["id"] == "mappings" for m in p["value"] if m["type"] == "value"
    ]  # fmt: skip
    assert words == {"1": "connected", "0": "OFF LINE"}


def test_a_readings_list_has_no_row_without_that_reading() -> None:
    for signal in config().catalogue.vitals():
        (panel,) = [p for p in panels(dashboards()["ward-bed"]) if p["title"] == f"Last 20: {signal.label}"]
        assert f'"{signal.name}" >= -1000000000.0' in panel["targets"][0]["query"]


def test_dashboards_cannot_be_edited_by_hand_and_are_found_by_grafana() -> None:
    (provider,) = parse_yaml(dashboard_files()["dashboards/wardwatch.yaml"])["providers"]
    assert (provider["allowUiUpdates"], provider["disableDeletion"], provider["folder"]) == (False, True, "Wardwatch")
    assert provider["options"] == {"path": "${WARDWATCH_GRAFANA_DASHBOARDS}"}
    assert all(page["editable"] is False for page in dashboards().values())


def test_the_noisiest_tenth_is_one_of_ten_beds_and_at_least_one() -> None:
    beds = list(config().inventory.beds.values())
    for count, tenth in ((20, 2), (11, 2), (10, 1), (1, 1)):
        inventory = type(config().inventory)(wards=config().inventory.wards.values(), beds=beds[:count])
        (page,) = [p for p in pages(replace(config(), inventory=inventory)) if p.uid == "ward-alerts"]
        assert f'top(\\"n\\", \\"bed\\", {tenth})' in page.json()


def test_the_shares_are_what_their_titles_say() -> None:
    said: dict[str, Any] = {p["title"]: p["transformations"] for p in panels(dashboards()["ward-alerts"])
                            if p["title"] in ("Alerts a bed an hour", "Of the noisiest tenth")}  # fmt: skip
    for title, over, under in (("Alerts a bed an hour", "An hour", "Beds"), ("Of the noisiest tenth", "Loud", "All")):
        binary = said[title][1]["options"]["binary"]
        assert (binary["left"], binary["operator"], binary["right"]) == (over, "/", under)
