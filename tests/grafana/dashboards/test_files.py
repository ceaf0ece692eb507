"""The committed dashboards are what the code generates from the config, and every dashboard is complete."""

import re
from math import ceil
from pathlib import Path

import pytest

from grafana.dashboard_files import FOLDERS
from grafana.layout.dashboard import COLUMNS, TITLES, Cell, Dashboard
from grafana.panels.builders import stat_panel
from grafana.provisioning_files import FOLDER, differences, write
from grafana.queries.influxql import Select
from grafana.queries.target import Target
from grafana.validation.folder import folder_problems
from grafana.validation.problem import ProblemKind
from tests.app.calling import call
from tests.grafana.generated import alerting_files, all_queries, config, dashboard_files, dashboards, panels
from ward.config.yaml.libyaml import parse_yaml

EVERY = sorted(dashboards())
RESENT, KEPT = 30, 90  # seconds: how soon Grafana sends an alert again, and when it ends one that it has not sent


def test_the_committed_dashboards_are_what_the_command_generates() -> None:
    assert not list(differences(dashboard_files(), FOLDERS, FOLDER)), "run wardwatch grafana build"


def test_writing_deletes_files_that_are_not_generated_and_then_changes_nothing(tmp_path: Path) -> None:
    wanted = dashboard_files()
    assert sorted(write(wanted, FOLDERS, tmp_path)) == sorted(wanted)
    (tmp_path / "dashboards/json/old.json").write_text("{}")
    assert write(wanted, FOLDERS, tmp_path) == ["dashboards/json/old.json"]
    assert not list(differences(wanted, FOLDERS, tmp_path))
    assert not write(wanted, FOLDERS, tmp_path)


def test_a_changed_letter_and_a_missing_file_are_reported_and_written_again(tmp_path: Path) -> None:
    wanted = dashboard_files()
    write(wanted, FOLDERS, tmp_path)
    page = tmp_path / "dashboards/json/ward-bed.json"
    page.write_text(page.read_text(encoding="utf-8").replace("NO DATA", "NO DATe", 1), encoding="utf-8")
    (tmp_path / "datasources/wardwatch.yaml").unlink()
    found = ["dashboards/json/ward-bed.json", "datasources/wardwatch.yaml"]
    assert list(differences(wanted, FOLDERS, tmp_path)) == found
    assert write(wanted, FOLDERS, tmp_path) == found
    assert not list(differences(wanted, FOLDERS, tmp_path))


def test_the_command_reports_what_differs_and_writes_nothing_with_check(tmp_path: Path) -> None:
    checked = call("grafana", "build", "--check", "--to", tmp_path)
    assert checked.exit_code == 1
    assert "dashboards/json/ward-bed.json: differs: run wardwatch grafana build" in checked.stdout
    assert not list(tmp_path.iterdir())
    assert "ward-bed.json: written" in call("grafana", "build", "--to", tmp_path).stdout
    again = call("grafana", "build", "--check", "--to", tmp_path)
    assert (again.exit_code, again.stdout) == (0, "nothing differs\n")


def test_a_query_of_a_rule_fails_so_soon_that_its_alert_is_evaluated_again_before_grafana_ends_it() -> None:
    """Seen: while InfluxDB hung, every alert of Grafana's ended as *signal lost*, 90 s after the last evaluation."""
    (influx,) = [s for s in parse_yaml(dashboard_files()["datasources/wardwatch.yaml"])["datasources"]
                 if s["uid"] == "wardwatch-influx"]  # fmt: skip
    fails = influx["jsonData"]["timeout"]
    for group in (parse_yaml(text)["groups"] for name, text in alerting_files().items() if "rules" in name):
        (rules,) = group
        every = float(rules["interval"].removesuffix("s"))
        # It is sent with the answer, and again with the answer of the first evaluation that begins `RESENT` later.
        again = ceil((fails + RESENT) / every) * every + fails
        assert again <= KEPT - 20, f"{rules['name']}: sent again after {again:.0f} s"


def test_the_command_reports_every_unset_variable(tmp_path: Path) -> None:
    wanted = {"WARDWATCH_INFLUX_URL", "WARDWATCH_INFLUX_DATABASE", "WARDWATCH_GRAFANA_TOKEN", "WARDWATCH_WEB_URL",
              "WARDWATCH_GRAFANA_DASHBOARDS"}  # fmt: skip
    unset = call("grafana", "build", "--environment", "--to", tmp_path, **dict.fromkeys(wanted, None))
    assert unset.exit_code == 1
    assert set(re.findall(r"unset-variable: (\w+) is not set", unset.stderr)) == wanted
    some = dict.fromkeys(wanted, "x") | {"WARDWATCH_GRAFANA_TOKEN": ""}
    empty = call("grafana", "build", "--environment", "--to", tmp_path, **some)
    assert set(re.findall(r"unset-variable: (\w+) is not set", empty.stderr)) == {"WARDWATCH_GRAFANA_TOKEN"}
    assert call("grafana", "build", "--environment", "--to", tmp_path, **dict.fromkeys(wanted, "x")).exit_code == 0
    assert call("grafana", "build", "--to", tmp_path, **dict.fromkeys(wanted, None)).exit_code == 0


def test_a_panel_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="the description is missing"):
        stat_panel("Canary", " ", Target(Select.of("x", source="vitals")))


def test_a_row_that_is_too_wide_is_refused() -> None:
    cell = Cell(stat_panel("Canary", "BrowserTab at it.", Target(Select.of("x", source="vitals"))), COLUMNS - 1)
    with pytest.raises(ValueError, match="46 columns wide"):
        Dashboard("ward-day", "Too wide.", [[cell, cell]]).json()


def test_an_unset_variable_is_reported_with_its_file(tmp_path: Path) -> None:
    write(dashboard_files(), FOLDERS, tmp_path)
    found = folder_problems(config(), tmp_path, {"WARDWATCH_INFLUX_URL": "http://127.0.0.1"})
    missing = {(c.file, c.message.split()[0]) for c in found if c.kind is ProblemKind.UNSET_VARIABLE}
    assert ("datasources/wardwatch.yaml", "WARDWATCH_GRAFANA_TOKEN") in missing
    assert "WARDWATCH_INFLUX_URL" not in {name for _, name in missing}


@pytest.mark.parametrize("uid", EVERY)
def test_a_dashboard_has_the_schema_of_grafana_9_4(uid: str) -> None:
    found = dashboards()[uid]
    assert found["id"] is None
    assert found["schemaVersion"] <= 39
    assert found["uid"] == uid
    assert found["title"] == TITLES.get(uid, found["title"]) != ""
    ids = [panel["id"] for panel in found["panels"]]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("uid", EVERY)
def test_every_panel_has_a_description(uid: str) -> None:
    for panel in panels(dashboards()[uid]):
        assert len(panel["description"]) > 20, panel["title"]


@pytest.mark.parametrize("uid", EVERY)
def test_no_panel_overlaps_another(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboards()[uid]["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < COLUMNS
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("uid", EVERY)
def test_a_dashboard_has_links_to_all_others_and_to_its_full_screen(uid: str) -> None:
    links = [link for link in dashboards()[uid]["links"] if link["type"] == "link"]
    assert {link["url"] for link in links} == {f"/d/{other}" for other in TITLES if other != uid} | {f"/d/{uid}?kiosk"}
    assert all(link["includeVars"] and link["keepTime"] for link in links), "variables and time range are passed on"


@pytest.mark.parametrize("uid", EVERY)
def test_a_dashboard_has_a_list_of_all_overviews_by_ward_and_size_of_screen(uid: str) -> None:
    (overviews,) = [link for link in dashboards()[uid]["links"] if link["type"] == "dashboards"]
    assert (overviews["tags"], overviews["asDropdown"], overviews["keepTime"]) == (["wall"], True, True)
    assert ("wall" in dashboards()[uid]["tags"]) is uid.startswith("ward-overview")


@pytest.mark.parametrize("uid", EVERY)
def test_every_target_has_a_provisioned_data_source(uid: str) -> None:
    known = {source["uid"] for source in parse_yaml(dashboard_files()["datasources/wardwatch.yaml"])["datasources"]}
    for panel in panels(dashboards()[uid]):
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] in known | {"-- Dashboard --"}


@pytest.mark.parametrize("uid", EVERY)
def test_the_variables_of_a_query_are_variables_of_the_dashboard(uid: str) -> None:
    known = {variable["name"] for variable in dashboards()[uid]["templating"]["list"]}
    grafanas = {"__from", "__to", "__interval", "timeFilter"}
    for query in (q for q in all_queries() if q.uid == uid):
        used = {a or b for a, b in re.findall(r"\$\{(\w+)|\$(\w+)", query.influxql)}
        assert used <= known | grafanas, query


def test_every_variable_in_a_query_is_percent_encoded() -> None:
    for query in all_queries():
        for name, form in re.findall(r"\$\{(\w+)(?::(\w+))?\}", query.influxql):
            assert form == "percentencode" or name.startswith("__"), query
        assert not re.search(r"\$(?!timeFilter|__interval|\{)\w", query.influxql), query


@pytest.mark.parametrize("uid", EVERY)
def test_the_id_of_a_variable_is_its_name(uid: str) -> None:
    for variable in dashboards()[uid]["templating"]["list"]:
        assert variable["id"] == variable["name"]


@pytest.mark.parametrize("uid", EVERY)
def test_a_time_series_panel_has_no_text_for_null(uid: str) -> None:
    """Grafana would write it beside grid lines too."""
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "timeseries":
            settings = panel["fieldConfig"]["defaults"]
            assert not settings.get("mappings")
            assert "noValue" not in settings, "a text that reads as a number is drawn in every gap"


@pytest.mark.parametrize("uid", EVERY)
def test_the_names_of_bars_have_the_default_size(uid: str) -> None:
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "bargauge":
            assert "titleSize" not in panel["options"]["text"]
