"""Each dashboard has its required panels, with the limits of the config, a text for no data, and annotations."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grafana.dashboard_files import all_dashboards, files
from grafana.dashboards.pipeline import PROGRAMS
from grafana.layout.annotations import acknowledgement_annotations, alert_annotations
from grafana.layout.dashboard import TITLES
from grafana.layout.variables import resolution
from grafana.panels import colours
from grafana.panels.limits import limits_text, thresholds
from grafana.queries.influxql import FACTS, RAW, Select, field, last_seconds, or_zero
from tests.grafana.generated import all_queries, config, dashboard_files, dashboards, panels
from tests.grafana.simulated_week import PROGRAMS as ALL_PROGRAMS
from ward.config.config import Config
from ward.config.yaml.libyaml import parse_yaml

# By dashboard: the title of each required panel, and a pattern of one of its queries.
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "ward-bed": {
        "Now": r'"overview"', "Alerts that began in this time":
            r'"severity" AS "Severity".*"peak_text" AS "At its worst".*"course" AS "Course".*"episodes"',
        "Alerts over time": r'max\("r"\) AS "rank".*last\("rank"\).*\$\{__from\}ms - 1d.*fill\(previous\)',
        "NEWS2": r"""max\("at_least"\) AS "NEWS2 at least", max\("value"\) AS "NEWS2".*"scores".*"score" = 'news2'""",
        "Device": r'last\("online"\).*last\("battery"\).*GROUP BY "device"',
        **{f"Last 20: {label}": r'"autogen"\."vitals".*ORDER BY time DESC LIMIT 20$' for label in (
            "Heart rate", "Systolic pressure", "Diastolic pressure", "SpO2", "Temperature", "Respiratory rate")},
    },
    "ward-alerts": {
        "Active": r'"active" AS "n".*last\("rank"\) \* 0', "Unacknowledged": '"acknowledged" = 0',
        "Active now": '"active" = 1',
        "History": r'"peak_text" AS "At its worst".*"course" AS "Course".*"episodes".*\$timeFilter',
        "Median time to acknowledge": r'percentile\("acknowledged_after_s", 50\)',
        "Time to acknowledge": r'percentile\("acknowledged_after_s", 90\)', "Alerts per bed and hour": r"time\(1h\)",
        "Share acknowledged": r'mean\("acknowledged"\).*"notified" = 1',
        "Share of the top 10 % of beds": r'top\("n", "bed", 2\)',
        "Beds with most alerts": r'top\("n", "bed", 2\)', "Rules with most alerts": r'top\("n", "alertname", 10\)',
    },
    "ward-fleet": {
        "Highest CUSUM": r"'cusum'.*GROUP BY time\(\$__interval\), \"signal\"",
        "Nearest to an alert": r'top\("n", "device", 8\)',
        "Trends": r'"per_day".*"days_to_limit".*"limit_reached_ms".*"trends"',
        "Flatlines, noise and artefacts": r"\^stuck-", "Missing devices and signals": r"\^device-",
        "Lost and duplicate readings": r'sum\("lost_readings"\)', "Batteries": r'"battery"',
        "Clock skew": r'last\("clock_skew"\)',
    },
    "ward-imaging": {
        "Messages": r'last\("count"\)', "Sensors": r'last\("sensors"\)',
        "Mean humidity by imaging device": r'sum\("s"\) / sum',
        "Sensors by imaging device": r'"names" AS', "Humidity over time": r'mean\("humidity"\)',
        "Messages per minute": r"non_negative_derivative",
    },
    "ward-pipeline": {
        "Rate of each stage": "non_negative_derivative",
        "Delay of each stage": r'GROUP BY time\(\$__interval\), "stage"',
        "Lag by group and partition": r'"consumer_partition_lag_records".*"group", "topic", "partition"',
        "Errors per hour": "store_retries",
        "Quarantined by reason": r'"stage", "reason"', "Last examples": '"payload"',
        "Balance of readings": "bridge_readings_received_total",
        "Canary": "latency_s", "Store writes": "archive_records_stored_total",
        "Delivery by channel": r'"channel", "result"',
        "Outbox": r'max\("outbox_notifications"\)', "Store accepts data": '"store_up"',
    },
    "ward-day": {
        "Patients": '"patients"', "Admitted": '"admitted"', "Discharged": '"discharged"',
        "Beds monitored": '"beds_monitored"', "Wards": '"heart_rate_min".*"temperature_max".*"ward_days"',
        "Alerts by priority": r'sum\("high"\).*sum\("low"\)', "Hours with most alerts": r'top\("n", 10\)',
        "Completeness": r'sum\("received"\) / sum\("expected"\)', "Heart rate": r'"hours"\."vitals"',
    },
}  # fmt: skip


@pytest.mark.parametrize(("uid", "title"), [(uid, title) for uid, required in REQUIRED.items() for title in required])
def test_a_required_panel_has_its_query(uid: str, title: str) -> None:
    found = [t["query"] for p in panels(dashboards()[uid]) if p["title"] == title for t in p["targets"]]
    assert any(re.search(REQUIRED[uid][title], query) for query in found), found


def test_there_are_seven_dashboards_and_the_overview_in_three_sizes_for_the_hospital_and_each_ward() -> None:
    overviews = {f"ward-overview{of}{size}" for of in ("", "-icu", "-medical") for size in ("", "-small", "-large")}
    assert set(dashboards()) == {*REQUIRED, *overviews}
    assert set(TITLES) == {*REQUIRED, "ward-overview"}


def test_dashboards_with_live_data_refresh_every_five_seconds() -> None:
    slow = {"ward-fleet": "1m", "ward-day": "5m"}  # trends are calculated every hour, statistics of a day less often
    assert {uid: page["refresh"] for uid, page in dashboards().items()} == {
        uid: slow.get(uid, "5s") for uid in dashboards()
    }


VARIABLES = {
    "ward-overview": [], "ward-bed": ["ward", "bed", "resolution"], "ward-alerts": ["ward", "bed"],
    "ward-fleet": ["ward", "device", "resolution"], "ward-imaging": ["imaging_device", "resolution"],
    "ward-pipeline": [], "ward-day": ["ward"],
}  # fmt: skip


@pytest.mark.parametrize("uid", sorted(VARIABLES))
def test_each_variable_has_one_value_or_all_and_is_used_in_a_query(uid: str) -> None:
    found = dashboards()[uid]["templating"]["list"]
    assert [variable["name"] for variable in found] == VARIABLES[uid]
    for variable in found:
        if variable["name"] == "resolution":
            continue
        assert (variable["includeAll"], variable["multi"], variable["refresh"]) == (True, False, 1)
        assert variable["current"]["value"] == "$__all"
        assert variable["allValue"] == ".*"
        asked = [t["query"] for p in panels(dashboards()[uid]) for t in p["targets"] if "query" in t]
        assert any(f"${{{variable['name']}:percentencode}}" in query for query in asked)


def test_only_beds_of_the_selected_ward_are_offered() -> None:
    (bed,) = [v for v in dashboards()["ward-bed"]["templating"]["list"] if v["name"] == "bed"]
    assert bed["query"].endswith('WITH KEY = "bed" WHERE "ward" =~ /^${ward:percentencode}$/')


def test_the_hidden_variable_resolution_follows_the_time_range() -> None:
    made = resolution().build()
    assert (str(made.hide.value), str(made.refresh.value)) == ("2", "2")  # type: ignore[union-attr]
    assert '"below_ms" > ${__to} - ${__from} AND time >= now() - ${__from}ms LIMIT 1' in str(made.query)


@pytest.mark.parametrize("uid", sorted(set(dashboards()) - {"ward-overview"}))
def test_a_missing_value_has_its_own_text_and_colour(uid: str) -> None:
    """Where a missing value is good, the description of the panel says so."""
    for panel in panels(dashboards()[uid]):
        if panel["type"] not in ("stat", "timeseries", "bargauge"):
            continue
        settings = panel["fieldConfig"]["defaults"]
        if panel["type"] == "timeseries":  # Grafana shows it by itself, and would write the text on every axis
            assert "noValue" not in settings
            continue
        (nothing,) = [m["options"]["result"] for m in settings["mappings"] if m["type"] == "special"] or [None]
        if settings["noValue"] == "–":
            assert "–: " in panel["description"], panel["title"]
            assert nothing["color"] not in (colours.HIGH, colours.NO_DATA), "not applicable is no alarm and not unknown"
            continue
        assert settings["noValue"] == "NO DATA", panel["title"]
        assert nothing is not None, panel["title"]
        assert (nothing["text"], nothing["color"]) == ("NO DATA", colours.NO_DATA)


def test_no_state_has_the_colour_of_no_data() -> None:
    others = {colours.HIGH, colours.MEDIUM, colours.LOW, colours.ACKNOWLEDGED, colours.LOST,
              colours.NO_ALERT, colours.NEUTRAL,
              colours.GOOD, colours.ANNOTATION}  # fmt: skip
    assert len(others) == 9
    assert colours.NO_DATA not in others


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_a_time_series_panel_has_a_legend_with_numbers_and_does_not_connect_gaps(uid: str) -> None:
    counts = re.compile(r"^(Alerts per|Highest CUSUM|Messages per|Sensors|Lag |Quarantined|Errors|Delivery|Outbox)")
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "timeseries":
            settings = panel["fieldConfig"]["defaults"]
            assert settings.get("unit") or counts.match(panel["title"]), panel["title"]
            assert panel["options"]["legend"]["showLegend"]
            assert settings["custom"]["spanNulls"] is False
            wanted = [] if uid == "ward-bed" else ["min", "mean", "max", "lastNotNull"]
            assert panel["options"]["legend"]["calcs"] == wanted, "numbers of means of hours are none of a patient"


def test_the_bed_has_a_curve_of_each_vital_sign_with_the_limits_of_the_config() -> None:
    found = {p["title"]: p for p in panels(dashboards()["ward-bed"]) if p["type"] == "timeseries"}
    for signal in config().catalogue.vitals():
        settings = found[signal.label]["fieldConfig"]["defaults"]
        drawn = [(step["value"], step["color"]) for step in settings["thresholds"]["steps"]]
        assert drawn == [(step.value, step.color) for step in thresholds(config(), signal.name)]
        assert settings["custom"]["thresholdsStyle"]["mode"] == "line+area"
        assert signal.display in settings["unit"] or (signal.display, settings["unit"]) in {
            ("%", "percent"),
            ("°C", "celsius"),
        }
        query = found[signal.label]["targets"][0]["query"]
        assert 'FROM "${resolution:percentencode}"."vitals"' in query
        assert query.startswith('SELECT min("low") AS "Lowest", max("high") AS "Highest", mean("mean") AS ')
        assert {f'"{signal.name}{end}" AS ' for end in ("", "_min", "_max")} <= set(re.findall(r'"\w+" AS ', query))
        assert query.endswith('GROUP BY time($__interval), "bed" fill(null)')


@pytest.mark.guarantee("The curves of a bed in Grafana end with its newest readings, whatever the time range.")
def test_the_last_minutes_of_a_curve_are_readings_whatever_the_time_range() -> None:
    for signal in config().catalogue.vitals():
        (panel,) = [p for p in panels(dashboards()["ward-bed"]) if p["title"] == signal.label]
        raw = [part for part in panel["targets"][0]["query"].split("(SELECT ") if '"autogen"."vitals"' in part]
        assert ["$timeFilter" in part and "time > now() - 15m" in part for part in raw] == [True]


def test_a_count_is_zero_only_while_it_is_known_that_there_is_none() -> None:
    always = Select.of('last("rank")', source="active_alerts", policy=RAW).during(last_seconds(60))
    counted = Select.of(field("active", "n"), source="episodes", policy=FACTS)
    text = str(or_zero("Active", counted, always))
    assert text.startswith('SELECT sum("n") AS "Active" FROM (SELECT "active" AS "n" FROM "facts"."episodes" WHERE')
    assert '(SELECT last("rank") * 0 AS "n" FROM "autogen"."active_alerts" WHERE time > now() - 60s' in text
    with pytest.raises(ValueError, match="0 would be shown in its place"):
        or_zero("Active", always, counted)


def test_who_acknowledged_how_soon_is_not_shown_once_that_was_taken_back() -> None:
    for panel in (p for page in dashboards().values() for p in panels(page) if p["type"] == "table"):
        for target in panel["targets"]:
            assert '"acknowledged_after_s" AS' not in target["query"], panel["title"]


def test_no_table_of_alerts_has_a_text_with_times_of_another_zone() -> None:
    """`explanation` has times in UTC, beside the column with the viewer's."""
    assert not [q for q in all_queries() if '"explanation"' in q.influxql]


NAMED = {"ward": "icu", "bed": "icu-07", "device": "mon-icu-07", "signal": "spo2", "device_kind": "bedside_monitor"}
NAMES = {"ward": "Intensive care", "bed": "ICU bed 7", "device": "ICU bed 7", "signal": "SpO2",
         "device_kind": "Bedside monitor"}  # fmt: skip
# The tags that a query returns, under their own names or, as `"ward" AS "Ward"`, under others.
_RETURNED = re.compile(r'"(ward|bed|device|signal|device_kind)" AS "(\w+)"')
_NESTED = re.compile(r'"n", "(ward|bed|device|signal)", \d+\)')


def id_columns(panel: Mapping[str, Any]) -> Mapping[str, str]:
    """The columns with ids that a table or a ranking has, each with what its ids are of."""
    found: dict[str, str] = {}
    for target in panel["targets"]:
        outer = target["query"].split(" FROM ", 1)[0]
        found |= {shown: of for of, shown in _RETURNED.findall(outer)} | {of: of for of in _NESTED.findall(outer)}
        by = re.findall(r" GROUP BY ([^()]*)$", target["query"])
        found |= {tag: tag for tags in by for tag in re.findall(r'"(\w+)"', tags) if tag in NAMED}
    removed = {name for each in panel.get("transformations", ()) for name in each["options"].get("excludeByName", ())}
    return {column: of for column, of in found.items() if column not in removed}


ID_COLUMNS = [
    (f"{uid}: {panel['title']}: {column}", panel, column, of)
    for uid, page in dashboards().items() for panel in panels(page) if panel["type"] in ("table", "bargauge")
    for column, of in id_columns(panel).items()
]  # fmt: skip


def test_most_tables_have_a_column_of_ids() -> None:
    assert {where for where, *_ in ID_COLUMNS} >= {
        "ward-fleet: Trends: device", "ward-fleet: Trends: signal", "ward-fleet: All devices today: device_kind",
        "ward-alerts: History: Bed", "ward-alerts: Beds with most alerts: bed", "ward-day: Wards: ward",
        "ward-day: Hours with most alerts: Ward", "ward-day: Least complete: device",
        "ward-bed: Last 20: SpO2: Bed", "ward-bed: Device: device",
    }  # fmt: skip
    assert len(ID_COLUMNS) >= 25


@pytest.mark.parametrize(
    ("panel", "column", "of"), [case[1:] for case in ID_COLUMNS], ids=[case[0] for case in ID_COLUMNS]
)
def test_each_column_of_ids_shows_names(panel: Mapping[str, Any], column: str, of: str) -> None:
    mapped = [
        m["options"] for o in panel["fieldConfig"]["overrides"] if o["matcher"]["options"] == column
        for p in o["properties"] if p["id"] == "mappings" for m in p["value"] if m["type"] == "value"
    ]  # fmt: skip
    assert mapped[-1][NAMED[of]]["text"] == NAMES[of]


def test_limits_are_thresholds_with_the_colour_of_their_severity() -> None:
    steps = [(step.value, step.color) for step in thresholds(config(), "heart_rate")]
    raised = {rule.name: rule.settings for rule in config().rules if rule.name in ("tachycardia", "bradycardia")}
    below, above = raised["bradycardia"], raised["tachycardia"]
    of_severity = {"low": colours.LOW, "medium": colours.MEDIUM, "high": colours.HIGH}
    sides = [(below[name], name) for name in ("high", "medium", "low") if below.get(name) is not None]
    wanted: list[tuple[float | None, str]] = [(None, of_severity[sides[0][1]])]
    for (limit, _), (_, follows) in zip(sides, [*sides[1:], (0, "")], strict=True):
        wanted.append((limit, of_severity.get(follows, "transparent")))
    wanted += [(above[name], of_severity[name]) for name in ("low", "medium", "high") if above.get(name) is not None]
    assert steps == wanted
    values = [value for value, _ in steps[1:]]
    assert values == sorted(values, key=float)  # type: ignore[arg-type]


def changed(rule: str, **settings: float) -> Config:
    """The shipped config with another limit."""
    rules = tuple(replace(r, settings={**r.settings, **settings}) if r.name == rule else r for r in config().rules)
    return replace(config(), rules=rules)


def test_a_changed_limit_changes_the_threshold_and_the_text() -> None:
    other = changed("tachycardia", high=163.0)
    assert 163.0 in [step.value for step in thresholds(other, "heart_rate")]
    assert "HIGH above 163 /min" in limits_text(other, "heart_rate")
    assert files(other)["dashboards/json/ward-bed.json"] != dashboard_files()["dashboards/json/ward-bed.json"]


def test_the_text_of_limits_names_the_overrides() -> None:
    settings = limits_text(config(), "heart_rate")
    assert settings.startswith("Default limits: ")
    assert "HIGH above 150 /min" in settings
    assert "HIGH below" in settings
    assert "Overridden for " in settings
    assert limits_text(config(), "pressure") == "It has no limits."


def test_the_levels_of_other_detectors_are_not_limits() -> None:
    others = replace(config(), rules=tuple(replace(rule, detector="trend") for rule in config().rules))
    assert [(step.value, step.color) for step in thresholds(others, "heart_rate")] == [(None, "transparent")]


# Enabled for the suite; elsewhere their lines would cover the curves, and a switch enables them.
ANNOTATIONS_ENABLED = {"ward-bed": False, "ward-imaging": True, "ward-alerts": False, "ward-fleet": False,
                       "ward-pipeline": False,
         "ward-day": False}  # fmt: skip


def test_every_dashboard_with_curves_has_annotations_of_alerts_and_acknowledgements() -> None:
    for uid, page in dashboards().items():
        found = {a["name"]: a for a in page["annotations"]["list"]}
        curves = [panel for panel in panels(page) if panel["type"] == "timeseries"]
        assert bool(curves) is bool(found), uid
        if found:
            assert set(found) == {"Alerts", "Acknowledged"}
            assert {a["enable"] for a in found.values()} == {ANNOTATIONS_ENABLED[uid]}
            for name in {"ward", "bed", "device"} & {v["name"] for v in page["templating"]["list"]}:
                assert all(f'"{name}" =~ /^${{{name}:percentencode}}$/' in a["query"] for a in found.values())


def test_an_annotation_has_the_text_and_the_end_of_its_alert() -> None:
    settings = alert_annotations("bed").to_json()
    assert (settings["textColumn"], settings["timeEndColumn"]) == ("summary", "ends_ms")
    assert {"summary", "ends_ms"} <= set(re.findall(r'AS "(\w+)"', str(settings["query"])))
    assert 'FROM "facts"."episodes"' in str(settings["query"])
    taken = acknowledgement_annotations("bed").to_json()
    assert (taken["textColumn"], taken["timeEndColumn"]) == ("acknowledged_by", "")
    assert '"acknowledged" = 1' in str(taken["query"])
    assert settings["target"]["query"] == settings["query"]  # type: ignore[index]
    assert str(settings["iconColor"]) not in {colours.HIGH, colours.MEDIUM, colours.LOW}


def test_simulators_are_not_counted_as_programs() -> None:
    assert set(PROGRAMS) == set(ALL_PROGRAMS)
    (panel,) = [p for p in panels(dashboards()["ward-pipeline"]) if p["title"] == "Programs running"]
    assert [s["value"] for s in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, len(ALL_PROGRAMS)]
    assert f"=~ /^({'|'.join(PROGRAMS)})$/" in panel["targets"][0]["query"]


def test_a_device_is_shown_as_connected_or_offline() -> None:
    (device,) = [p for p in panels(dashboards()["ward-bed"]) if p["title"] == "Device"]
    (texts,) = [
        {v: e["text"] for v, e in m["options"].items()}
        for o in device["fieldConfig"]["overrides"] if o["matcher"]["options"] == "Connected"
        for p in o["properties"] if p["id"] == "mappings" for m in p["value"] if m["type"] == "value"
    ]  # fmt: skip
    assert texts == {"1": "connected", "0": "OFFLINE"}


def test_the_last_readings_of_a_signal_leave_out_readings_without_it() -> None:
    for signal in config().catalogue.vitals():
        (panel,) = [p for p in panels(dashboards()["ward-bed"]) if p["title"] == f"Last 20: {signal.label}"]
        assert f'"{signal.name}" >= -1000000000.0' in panel["targets"][0]["query"]


def test_dashboards_cannot_be_edited_in_grafana() -> None:
    (provider,) = parse_yaml(dashboard_files()["dashboards/wardwatch.yaml"])["providers"]
    assert (provider["allowUiUpdates"], provider["disableDeletion"], provider["folder"]) == (False, True, "Wardwatch")
    assert provider["options"] == {"path": "${WARDWATCH_GRAFANA_DASHBOARDS}"}
    assert all(page["editable"] is False for page in dashboards().values())


def test_the_top_beds_are_a_tenth_of_all_beds_and_at_least_one() -> None:
    beds = list(config().inventory.beds.values())
    for count, tenth in ((20, 2), (11, 2), (10, 1), (1, 1)):
        inventory = type(config().inventory)(wards=config().inventory.wards.values(), beds=beds[:count])
        (page,) = [p for p in all_dashboards(replace(config(), inventory=inventory)) if p.uid == "ward-alerts"]
        assert f'top(\\"n\\", \\"bed\\", {tenth})' in page.json()


@pytest.mark.parametrize(("budget", "a_day", "an_hour"), [(24.0, "48", "2"), (9.0, "18", "0.75")])
def test_how_many_alerts_are_too_many_is_the_budget_of_the_config(budget: float, a_day: str, an_hour: str) -> None:
    load = config().alerting.alarm_load.model_copy(update={"budget": budget})
    other = replace(config(), alerting=config().alerting.model_copy(update={"alarm_load": load}))
    pages = {page.uid: json.loads(page.json()) for page in all_dashboards(other)}
    (of_day,) = [p["description"] for p in panels(pages["ward-day"]) if p["title"] == "Alerts"]
    (of_hour,) = [p["description"] for p in panels(pages["ward-alerts"]) if p["title"] == "Alerts per bed and hour"]
    assert f"Above {a_day} for each bed" in of_day
    assert of_hour.startswith(f"Above {an_hour}: ")
    assert all("`alarm_load.budget`" in text for text in (of_day, of_hour))


def day_panel(title: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A table of the dashboard of one day, and how each of its columns is shown."""
    (panel,) = [p for p in panels(dashboards()["ward-day"]) if p["title"] == title]
    columns: dict[str, dict[str, Any]] = {}
    for override in panel["fieldConfig"]["overrides"]:
        shown = columns.setdefault(override["matcher"]["options"], {})
        shown |= {each["id"]: each["value"] for each in override["properties"]}
    return panel, columns


def test_the_wards_of_a_day_are_newest_first_with_whole_headers() -> None:
    panel, columns = day_panel("Wards")
    (sorted_by,) = [t["options"]["sort"] for t in panel["transformations"] if t["id"] == "sortBy"]
    assert sorted_by == [{"field": "Time", "desc": True}]
    assert columns["Time"]["unit"] == "time:YYYY-MM-DD"
    sized = [shown for name, shown in columns.items() if name != "/.*/"]
    widths = [shown.get("custom.width") or shown["custom.minWidth"] for shown in sized]
    assert len(widths) == 5 + 3 * len(list(config().catalogue.vitals()))
    assert sum(widths) <= 1920 - 2 * 16 - 2 * 8, "one scrolls a table that is wider than a screen"
    for name, shown in columns.items():
        if name.endswith((" avg", " min", " max")):
            assert shown["custom.width"] >= 8 * len(name), f"the header {name} is cut off"


def test_days_and_hours_of_a_day_say_that_they_are_utc() -> None:
    page = dashboards()["ward-day"]
    assert page["timezone"] == "utc"
    assert "UTC" in page["description"]
    assert day_panel("Wards")[1]["Time"]["displayName"] == "Day (UTC)"
    assert day_panel("Hours with most alerts")[1]["Time"]["displayName"] == "Hour (UTC)"
    by_hour = [p["title"] for p in page["panels"] if p["type"] == "row" and "hour" in p["title"]]
    assert by_hour == ["Vital signs by hour (UTC)"]
    assert {uid: other["timezone"] for uid, other in dashboards().items() if uid != "ward-day"} == {
        uid: "browser" for uid in dashboards() if uid != "ward-day"
    }


def test_an_hour_with_many_alerts_leads_to_its_alerts_in_any_time_zone() -> None:
    """By instants: the dashboard *Alerts* has the time zone of the browser."""
    panel, columns = day_panel("Hours with most alerts")
    (link,) = columns["Time"]["links"]
    assert link["url"] == "/d/ward-alerts?from=${__value.raw}&to=${__data.fields.Until.numeric}"
    (until,) = [t["options"] for t in panel["transformations"] if t["id"] == "calculateField"]
    binary = {"left": "Time", "operator": "+", "right": str(3600 * 1000), "reducer": "sum"}
    assert (until["alias"], until["binary"]) == ("Until", binary)
    assert columns["Until"]["custom.hidden"] is True


def test_a_bed_of_a_table_of_alerts_opens_in_the_time_range_of_the_table() -> None:
    found = [
        each["value"] for page in dashboards().values() for panel in panels(page) if panel["type"] == "table"
        for override in panel["fieldConfig"]["overrides"] if override["matcher"]["options"] == "Bed"
        for each in override["properties"] if each["id"] == "links"
    ]  # fmt: skip
    assert len(found) >= 3
    url = "/d/ward-bed?var-bed=${__value.raw:percentencode}&${__url_time_range}"
    assert found == [[{"title": "Dashboard of this bed", "url": url}]] * len(found)


def test_the_humidity_of_many_imaging_devices_is_three_curves() -> None:
    (panel,) = [p for p in panels(dashboards()["ward-imaging"]) if p["title"] == "Humidity over time"]
    ((target),) = panel["targets"]
    assert re.findall(r'(\w+)\("n"\) AS "(\w+)"', target["query"].split(" FROM ", 1)[0]) == [
        ("max", "Highest"), ("median", "Middle"), ("min", "Lowest"),
    ]  # fmt: skip
    assert '"imaging_device"' not in target["query"].rsplit(" GROUP BY ", 1)[1], "a curve for each device"
    assert target["alias"] == "$col"


def test_shares_divide_the_right_columns() -> None:
    settings: dict[str, Any] = {p["title"]: p["transformations"] for p in panels(dashboards()["ward-alerts"])
                            if p["title"] in ("Alerts per bed and hour", "Share of the top 10 % of beds")}  # fmt: skip
    for title, over, under in (
        ("Alerts per bed and hour", "Per hour", "Beds"),
        ("Share of the top 10 % of beds", "Top beds", "All beds"),
    ):
        binary = settings[title][2]["options"]["binary"]
        assert (binary["left"], binary["operator"], binary["right"]) == (over, "/", under)
