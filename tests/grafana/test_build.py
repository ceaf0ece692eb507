"""What is checked in is what the code and the config give, and every dashboard is fit for a wall."""

import re
from pathlib import Path

import pytest

from grafana.build import ROOMS
from grafana.complaint import Mistake
from grafana.complaints import complaints
from grafana.dashboard import COLUMNS, PAGES, Cell, Dashboard
from grafana.influxql import Select
from grafana.panels import number
from grafana.target import Target
from grafana.written import FOLDER, differences, write
from tests.app.calling import call
from tests.grafana.given import config, dashboard_files, dashboards, panels, questions
from ward.config.yaml.libyaml import parse_yaml

EVERY = sorted(dashboards())


def test_what_is_checked_in_is_what_would_be_built() -> None:
    assert not list(differences(dashboard_files(), ROOMS, FOLDER)), "run wardwatch grafana build"


def test_building_twice_changes_nothing_and_takes_away_what_is_no_more(tmp_path: Path) -> None:
    wanted = dashboard_files()
    assert sorted(write(wanted, ROOMS, tmp_path)) == sorted(wanted)
    (tmp_path / "dashboards/json/old.json").write_text("{}")
    assert write(wanted, ROOMS, tmp_path) == ["dashboards/json/old.json"]
    assert not list(differences(wanted, ROOMS, tmp_path))
    assert not write(wanted, ROOMS, tmp_path)


def test_one_letter_that_differs_is_told_and_mended(tmp_path: Path) -> None:
    wanted = dashboard_files()
    write(wanted, ROOMS, tmp_path)
    page = tmp_path / "dashboards/json/ward-bed.json"
    page.write_text(page.read_text(encoding="utf-8").replace("NO DATA", "NO DATe", 1), encoding="utf-8")
    (tmp_path / "datasources/wardwatch.yaml").unlink()
    found = ["dashboards/json/ward-bed.json", "datasources/wardwatch.yaml"]
    assert list(differences(wanted, ROOMS, tmp_path)) == found
    assert write(wanted, ROOMS, tmp_path) == found
    assert not list(differences(wanted, ROOMS, tmp_path))


def test_the_command_tells_what_differs_and_writes_nothing_when_it_only_checks(tmp_path: Path) -> None:
    checked = call("grafana", "build", "--check", "--to", tmp_path)
    assert checked.exit_code == 1
    assert "dashboards/json/ward-bed.json: differs: run wardwatch grafana build" in checked.stdout
    assert not list(tmp_path.iterdir())
    assert "ward-bed.json: written" in call("grafana", "build", "--to", tmp_path).stdout
    again = call("grafana", "build", "--check", "--to", tmp_path)
    assert (again.exit_code, again.stdout) == (0, "nothing differs\n")


def test_the_command_names_each_variable_that_is_unset_before_grafana_starts(tmp_path: Path) -> None:
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


def test_a_panel_without_a_word_on_what_to_do_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="say what to do when it looks wrong"):
        number("Canary", " ", Target(Select.of("x", source="vitals")))


def test_a_row_that_is_too_wide_cannot_be_made() -> None:
    cell = Cell(number("Canary", "Look at it.", Target(Select.of("x", source="vitals"))), COLUMNS - 1)
    with pytest.raises(ValueError, match="46 columns wide"):
        Dashboard("ward-day", "Too wide.", [[cell, cell]]).json()


def test_a_variable_that_is_unset_is_named_with_its_file(tmp_path: Path) -> None:
    write(dashboard_files(), ROOMS, tmp_path)
    found = complaints(config(), tmp_path, {"WARDWATCH_INFLUX_URL": "http://127.0.0.1"})
    missing = {(c.file, c.words.split()[0]) for c in found if c.mistake is Mistake.UNSET_VARIABLE}
    assert ("datasources/wardwatch.yaml", "WARDWATCH_GRAFANA_TOKEN") in missing
    assert "WARDWATCH_INFLUX_URL" not in {name for _, name in missing}


@pytest.mark.parametrize("uid", EVERY)
def test_a_dashboard_is_what_grafana_9_4_reads(uid: str) -> None:
    found = dashboards()[uid]
    assert found["id"] is None
    assert found["schemaVersion"] <= 39
    assert (found["uid"], found["title"]) == (uid, PAGES[uid])
    ids = [panel["id"] for panel in found["panels"]]
    assert ids == list(range(1, len(ids) + 1))


@pytest.mark.parametrize("uid", EVERY)
def test_every_panel_says_what_to_do_when_it_looks_wrong(uid: str) -> None:
    for panel in panels(dashboards()[uid]):
        assert len(panel["description"]) > 20, panel["title"]


@pytest.mark.parametrize("uid", EVERY)
def test_no_panel_lies_on_another(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboards()[uid]["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < COLUMNS
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("uid", EVERY)
def test_dashboards_are_linked_with_each_other_and_with_their_own_wall(uid: str) -> None:
    urls = {link["url"] for link in dashboards()[uid]["links"]}
    assert urls == {f"/d/{other}" for other in PAGES if other != uid} | {f"/d/{uid}?kiosk"}
    assert all(link["includeVars"] for link in dashboards()[uid]["links"]), "what is chosen goes along"


@pytest.mark.parametrize("uid", EVERY)
def test_what_panels_ask_is_asked_of_the_data_source_that_is_provisioned(uid: str) -> None:
    known = {source["uid"] for source in parse_yaml(dashboard_files()["datasources/wardwatch.yaml"])["datasources"]}
    for panel in panels(dashboards()[uid]):
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] in known | {"-- Dashboard --"}


@pytest.mark.parametrize("uid", EVERY)
def test_a_variable_in_a_question_is_one_that_the_dashboard_has(uid: str) -> None:
    known = {variable["name"] for variable in dashboards()[uid]["templating"]["list"]}
    grafanas = {"__from", "__to", "__interval", "timeFilter"}
    for question in (q for q in questions() if q.uid == uid):
        asked = {a or b for a, b in re.findall(r"\$\{(\w+)|\$(\w+)", question.query)}
        assert asked <= known | grafanas, question


def test_a_variable_in_a_question_is_always_made_harmless() -> None:
    for question in questions():
        for name, form in re.findall(r"\$\{(\w+)(?::(\w+))?\}", question.query):
            assert form == "percentencode" or name.startswith("__"), question
        assert not re.search(r"\$(?!timeFilter|__interval|\{)\w", question.query), question


@pytest.mark.parametrize("uid", EVERY)
def test_a_variable_has_its_name_as_id_or_grafana_would_not_find_it(uid: str) -> None:
    for variable in dashboards()[uid]["templating"]["list"]:
        assert variable["id"] == variable["name"]


@pytest.mark.parametrize("uid", EVERY)
def test_no_axis_of_a_curve_has_a_word_for_what_is_not_there(uid: str) -> None:
    """Grafana writes it beside lines of the grid, too."""
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "timeseries":
            said = panel["fieldConfig"]["defaults"]
            assert not said.get("mappings")
            assert "noValue" not in said, "one that reads as a number is drawn in every gap"


@pytest.mark.parametrize("uid", EVERY)
def test_names_of_bars_are_not_cut_off(uid: str) -> None:
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "bargauge":
            assert "titleSize" not in panel["options"]["text"]
