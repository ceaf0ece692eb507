"""One grammar of matchers and one meaning of a severity, wherever they are written."""

from typing import Any

import pytest

from tests.web.scene import Scene
from tests.web.test_alertmanager_input import findings
from tests.web.test_api_and_alerts import Joined, joined
from ward.alert import fingerprint
from ward.finding import Severity

__all__ = ["joined"]

HIGH_NAMES = ["high", "critical", "Critical", "page", "emergency"]


def filtered(http: Any, text: str, path: str = "/api/v2/alerts") -> list[Any]:
    found: list[Any] = http.get(path, params={"filter": text}).json()
    return found


def post(joined: Joined, **labels: str) -> None:
    assert joined.http.post("/api/v2/alerts", json=[{"labels": labels}]).status_code == 200
    joined.tick()


def silence(joined: Joined, name: str, value: str, *, regex: bool = False) -> str:
    now = "2025-11-24T16:00:00Z"
    matcher = {"name": name, "value": value, "isRegex": regex, "isEqual": True}
    disk = {"name": "alertname", "value": "DiskFull", "isRegex": False}
    posted = {"matchers": [matcher, disk], "startsAt": now, "comment": "x"}
    answer = joined.http.post("/api/v2/silences", json={**posted, "endsAt": "2025-11-24T18:00:00Z", "createdBy": "Bo"})
    assert answer.status_code == 200, answer.text
    joined.tick()
    id_: str = answer.json()["silenceID"]
    return id_


@pytest.mark.parametrize("sent", HIGH_NAMES)
def test_a_posted_severity_is_ours_and_the_name_of_its_sender_is_kept(joined: Joined, sent: str) -> None:
    post(joined, alertname="DiskFull", severity=sent, instance="pacs")
    (shown,) = filtered(joined.http, "alertname=DiskFull")
    assert shown["labels"]["severity"] == "high"
    assert shown["labels"].get("sender_severity", "high") == sent
    for name in (*HIGH_NAMES, '"critical"'):
        assert len(filtered(joined.http, f"severity={name}")) == 1
        assert filtered(joined.http, f"severity!={name}") == []
    assert len(filtered(joined.http, 'severity=~"crit.*|x"')) == 1
    assert filtered(joined.http, "severity=warning") == []
    assert len(joined.http.json("/api/v1/alerts?severity=critical")["alerts"]) == 1


@pytest.mark.parametrize(("value", "regex"), [("critical", False), ("high", False), ("critical|error", True)])
def test_a_silence_of_a_severity_holds_by_any_name(joined: Joined, value: str, regex: bool) -> None:
    id_ = silence(joined, "severity", value, regex=regex)
    post(joined, alertname="DiskFull", severity="emergency")
    (shown,) = filtered(joined.http, "alertname=DiskFull")
    assert shown["status"]["silencedBy"] == [id_]


def test_a_sender_that_changes_the_name_of_a_severity_reports_the_same_alert(joined: Joined) -> None:
    post(joined, alertname="DiskFull", severity="warning")
    post(joined, alertname="DiskFull", severity="critical")
    (shown,) = filtered(joined.http, "alertname=DiskFull")
    assert (shown["labels"]["severity"], shown["labels"]["sender_severity"]) == ("high", "critical")
    post(joined, alertname="DiskFull", severity="high")
    (shown,) = filtered(joined.http, "alertname=DiskFull")
    assert shown["labels"] == {"alertname": "DiskFull", "severity": "high", "kind": "technical"}


def test_an_unknown_severity_is_medium_and_found_by_its_own_name(joined: Joined) -> None:
    post(joined, alertname="DiskFull", severity="sev1")
    (shown,) = filtered(joined.http, "severity=sev1")
    assert (shown["labels"]["severity"], shown["labels"]["sender_severity"]) == ("medium", "sev1")
    assert len(filtered(joined.http, "severity=medium")) == 1


@pytest.mark.guarantee("Filters and silences are read in the grammar of the Alertmanager version that /status claims.")
def test_names_in_quotes_and_names_that_are_not_prometheus_names_are_known_at_every_door(joined: Joined) -> None:
    assert joined.http.json("/api/v2/status")["versionInfo"]["version"].startswith("0.28.")
    post(joined, alertname="DiskFull", **{"Station 3": "Süd", "zimmer-nr": "5"})
    id_ = silence(joined, "Station 3", "S.d", regex=True)
    for text in (
        '"alertname"="DiskFull"', '{"alertname"="DiskFull"}', 'alertname="DiskFull",', "zimmer-nr=5",
        '"Station 3"=~"S[üu]d"', r'{"Station 3"="S\u00fcd",alertname=~"Disk[[:alpha:]]+"}', r'alertname=~"\w+"',
    ):  # fmt: skip
        (shown,) = filtered(joined.http, text)
        assert shown["labels"]["Station 3"] == "Süd"
        assert shown["status"]["silencedBy"] == [id_]
    (listed,) = filtered(joined.http, '"Station 3"=~"S.d"', "/api/v2/silences")
    assert listed["matchers"][0]["name"] == "Station 3"


@pytest.mark.parametrize("text", ["", '"alertname"', '{"a"="b"', '"a"="b', '"a"="\\d"', 'a="b" c="d"', "a=~[[:x:]]"])
def test_a_filter_that_cannot_be_meant_is_refused_with_its_place(scene: Scene, text: str) -> None:
    for path in ("/api/v2/alerts", "/api/v2/silences"):
        answer = scene.http.get(path, params={"filter": text})
        assert answer.status_code == 400
        assert any(word in answer.json() for word in ("column", "invalid character class"))


def test_a_name_with_control_characters_is_refused(scene: Scene) -> None:
    for name in ("", "a\n", "\u202e", "a" * 300):
        assert scene.http.post("/api/v2/alerts", json=[{"labels": {name: "x"}}]).status_code == 400
    assert findings(scene) == []


def test_the_name_of_a_severity_makes_no_other_fingerprint() -> None:
    assert fingerprint({"a": "b", "severity": "high", "sender_severity": "page"}) == fingerprint({"a": "b"})
    assert Severity("high") is Severity.HIGH
