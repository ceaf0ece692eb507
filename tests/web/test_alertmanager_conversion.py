"""Conversion to and from the schemas of Alertmanager, also with amtool where it is installed."""

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.absent import absent
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from tests.kit.examples import examples
from ward.alert import Ack, Alert
from ward.clock import SECOND, SystemClock
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.matcher import Matcher
from ward.silence import Silence
from web.alertmanager.input import posted_alerts, posted_silence
from web.alertmanager.output import (
    alert_json,
    groups_json,
    query,
    select,
    silence_json,
    silences_json,
    state,
    status_json,
)

NOW = 1_764_000_000 * SECOND
ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}


def _alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "id": "e1", "labels": {"alertname": "spo2_low", "severity": "high", "ward": "icu", "bed": "icu-7"},
        "annotations": {"summary": "ICU bed 7: SpO2 84 %", "dashboard_url": "http://w/bed/icu-7"},
        "severity": Severity.HIGH, "kind": Kind.PHYSIOLOGICAL, "starts_at": NOW - 60 * SECOND, "updated_at": NOW,
        "reason": "sent immediately: HIGH priority", "receivers": ("nurses",),
    }  # fmt: skip
    return Alert(**{**fields, **changes})


SILENCE = Silence(
    id="s1", matchers=(Matcher.parse('ward=~"icu|hdu"'), Matcher.parse("bed!=icu-1")), starts_at=NOW - SECOND,
    ends_at=NOW + 60 * SECOND, by="anna", comment="probe", updated_at=NOW - SECOND,
)  # fmt: skip


def test_an_alert_has_every_field_of_a_gettable_alert() -> None:
    alert = _alert(ack=Ack(by="anna", at=NOW, note="on my way"))
    assert alert_json(alert, NOW) == {
        "labels": {"alertname": "spo2_low", "severity": "high", "ward": "icu", "bed": "icu-7"},
        "annotations": {
            "summary": "ICU bed 7: SpO2 84 %", "dashboard_url": "http://w/bed/icu-7", "alert_id": "e1",
            "decision": "sent immediately: HIGH priority",
            "acknowledged": "by anna at 2025-11-24T16:00:00.000Z: on my way",
        },
        "startsAt": "2025-11-24T15:59:00.000Z", "endsAt": "2025-11-24T16:05:00.000Z",
        "updatedAt": "2025-11-24T16:00:00.000Z", "fingerprint": alert.fingerprint,
        "generatorURL": "http://w/bed/icu-7", "receivers": [{"name": "nurses"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "active"),
        ({"reason": ""}, "unprocessed"),
        ({"silenced_by": ("s1",)}, "suppressed"),
        ({"inhibited_by": ("e2",)}, "suppressed"),
    ],
)
def test_the_state_is_one_of_alertmanagers_states(changes: dict[str, Any], expected: str) -> None:
    assert state(_alert(**changes)) == expected


@pytest.mark.parametrize(
    ("filters", "flags", "found"),
    [
        ([], {}, ["a", "i", "s", "u"]),
        (["severity=high"], {}, ["a", "i", "s", "u"]),
        (['{severity="high",ward=~"icu|x"}'], {}, ["a", "i", "s", "u"]),
        (['{severity="hi,gh"}'], {}, []),
        (["bed!=icu-7"], {}, []),
        ([], {"silenced": False}, ["a", "i", "u"]),
        ([], {"inhibited": False}, ["a", "s", "u"]),
        ([], {"active": False}, ["i", "s", "u"]),
        ([], {"unprocessed": False}, ["a", "i", "s"]),
    ],
)
def test_filters_match_as_in_alertmanager(filters: list[str], flags: dict[str, Any], found: list[str]) -> None:
    alerts = [
        _alert(id="a"),
        _alert(id="i", inhibited_by=("x",)),
        _alert(id="s", silenced_by=("x",)),
        _alert(id="u", reason=""),
        _alert(id="e", state="ended", ended=EndReason.RECOVERED, ends_at=NOW),
    ]
    assert sorted(alert.id for alert in select(alerts, query(filters, **flags))) == found
    assert select(alerts, query(receiver="doc.*")) == []


@pytest.mark.parametrize("wrong", ["", "no matcher", "a==b", '{a="b"', "a=~["])
def test_an_invalid_filter_raises_an_error_that_names_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        query([wrong])


def test_a_silence_written_as_json_is_read_back_equal() -> None:
    shown = silence_json(SILENCE, NOW)
    assert shown["status"] == {"state": "active"}
    assert shown["matchers"][0] == {"name": "ward", "value": "icu|hdu", "isRegex": True, "isEqual": True}
    action = posted_silence(json.dumps(shown).encode(), NOW, "r1")
    assert action.silence is not None
    assert action.silence.matchers == SILENCE.matchers
    assert (action.silence.id, action.silence.ends_at, action.silence.by) == ("s1", SILENCE.ends_at, "anna")
    assert posted_silence(json.dumps(shown).encode(), NOW, "r1") == action
    assert silences_json([SILENCE], [Matcher.parse("bed!=icu-1")], NOW) == [shown]
    assert silences_json([SILENCE], [Matcher.parse("bed=icu-1")], NOW) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"createdBy": " "}, "author"),
        ({"comment": ""}, "reason"),
        ({"endsAt": "2025-11-24T15:00:00Z"}, "must end after"),
        ({"endsAt": "tomorrow"}, "endsAt: not an RFC 3339 time"),
        ({"matchers": []}, "silence everything"),
        ({"matchers": [{"name": "a", "value": "(?=x)", "isRegex": True}]}, "invalid perl operator"),
        ({"matchers": [{"name": "a\n", "value": "x", "isRegex": False}]}, "not the name of a label"),
        ({"matchers": [{"name": "a"}]}, "missing required field"),
        ({"id": "../x"}, "not an id"),
        ({"alert": "<script>"}, "not an id of an alert"),
    ],
)
def test_an_invalid_silence_raises_an_error_that_names_the_fault(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        posted_silence(json.dumps({**silence_json(SILENCE, NOW), **change}).encode(), NOW, "r1")


def _post(*alerts: dict[str, Any], now: int = NOW) -> list[tuple[str, Finding]]:
    findings, refused = posted_alerts(json.dumps(alerts).encode(), now, timeout=300)
    assert refused == []
    return findings


def test_a_posted_alert_becomes_a_finding_with_its_labels_and_annotations() -> None:
    ((key, finding),) = _post(
        {
            "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db1", "ward": "icu", "empty": ""},
            "annotations": {"summary": "db1 is full"},
            "startsAt": "2025-11-24T15:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prom/x",
        }
    )  # fmt: skip
    assert (finding.rule, finding.severity, finding.kind, finding.ward) == (
        "DiskFull", Severity.HIGH, Kind.TECHNICAL, "icu",
    )  # fmt: skip
    assert (finding.text, finding.url, finding.transition) == ("db1 is full", "http://prom/x", Transition.RAISED)
    assert finding.until == NOW + 300 * SECOND
    assert "empty" not in finding.labels
    assert key == _post({"labels": {"severity": "low", **finding.labels}})[0][0]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not the expected JSON"),
        (b"{}", "not the expected JSON"),
        (b'[{"labels": {"a": 1}}]', "labels"),
        (b"[" * 100_000, "not the expected JSON"),
        (b'[{"labels": {}}]', "alert 0: at least one label"),
        (b'[{"labels": {"a\\n": "c"}}]', "alert 0: not the name of a label"),
        (b'[{"labels": {"a": "b"}, "startsAt": "yesterday"}]', "alert 0: startsAt"),
        (json.dumps([{"labels": {"a": "b" * 300}}]).encode(), "at most 256"),
        (json.dumps([{"labels": {"a": "b"}}] * 1001).encode(), "at most 1000"),
        (b" " * (1 << 20) + b"[]", "at most 1048576"),
        (b'[{"labels": {"a": "\xff"}}]', "not the expected JSON"),
    ],
)
def test_an_invalid_alert_is_refused_and_the_fault_is_named(body: bytes, why: str) -> None:
    try:
        findings, refused = posted_alerts(body, NOW, 300)
    except ValueError as error:
        findings, refused = [], [str(error)]
    assert findings == []
    assert why in refused[0]


@pytest.mark.parametrize(
    "bad", [b"7", b'{"labels": {"a": 1}}', b'{"labels": {}}', b'{"labels": {"a": "b"}, "endsAt": "?"}']
)
def test_an_invalid_alert_does_not_affect_the_others_of_its_request(bad: bytes) -> None:
    good = b'{"labels": {"alertname": "OxygenLow", "severity": "critical"}}'
    findings, refused = posted_alerts(b"[%b, %b, %b]" % (good, bad, good.replace(b"Low", b"Off")), NOW, 300)
    assert [finding.rule for _, finding in findings] == ["OxygenLow", "OxygenOff"]
    assert [fault[:8] for fault in refused] == ["alert 1:"]


@settings(max_examples=examples(33, 200))
@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(
    lambda value: json.dumps(value).encode()
))  # fmt: skip
def test_any_body_is_either_read_or_refused(body: bytes) -> None:
    for parse in (lambda: posted_alerts(body, NOW, 300), lambda: posted_silence(body, NOW, "r")):
        with contextlib.suppress(ValueError):
            parse()


def _posts(timeline: AlertTimeline, at: float, *alerts: dict[str, Any]) -> None:
    def post() -> None:
        for _, finding in posted_alerts(json.dumps(alerts).encode(), timeline.time_at(), 300).findings:
            timeline.send(finding)

    timeline.at(at).then(post)


DISK = {"labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db1"}}


def test_an_external_alert_is_notified_refreshed_and_ended_by_its_sender(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    for at in (1, 200, 400):
        _posts(timeline, at, DISK)
    timeline.at(500).then(lambda: None)
    _posts(timeline, 600, {**DISK, "endsAt": "2025-11-24T16:09:00Z"})
    timeline.want(immediately(1), "HIGH priority, DiskFull db1")
    timeline.want(between(605, 605.5), "ALERT ENDED: was HIGH priority: DiskFull db1")
    timeline.run(700, every=0.5)
    assert timeline.counted("wardwatch_alerts") == {"started": 1, "ended": 1}


def test_an_external_alert_that_is_not_refreshed_does_not_count_as_recovered(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_interval": "10s"}))
    _posts(timeline, 1, DISK)
    timeline.want(immediately(1), "HIGH priority, DiskFull db1")
    timeline.want(
        between(306, 307),
        "SIGNAL LOST, alert still active: HIGH priority, DiskFull db1 "
        "(alert since 16:00:01 UTC; signal lost, not known whether it has ended, alert stays until acknowledged)",
    )
    timeline.advance_to(400, every=0.5)
    (case,) = timeline.pipeline.state.alerts.values()
    assert case.alert.active
    assert case.alert.latched is EndReason.SIGNAL_LOST
    # Posted again, it is active as before.
    _posts(timeline, 410, DISK)
    timeline.run(450, every=0.5)
    assert timeline.published()[-1].latched is None


def test_an_external_alert_that_is_lost_and_acknowledged_ends_as_signal_lost(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    _posts(timeline, 1, DISK)
    timeline.advance_to(5)
    timeline.episodes["disk", "icu-7"] = _post(DISK, now=timeline.began + SECOND)[0][1]
    timeline.at(10).acks("disk")
    timeline.want(immediately(1), "HIGH priority, DiskFull db1")
    lost = "SIGNAL LOST, ALERT CLOSED (not known whether it has ended): was HIGH priority: DiskFull db1"
    timeline.want(between(306, 307), lost)
    timeline.run(320, every=0.5)


def test_an_external_alert_that_is_posted_after_its_end_is_another_episode(tmp_path: Path) -> None:
    starts = {"startsAt": "2025-11-24T15:00:00Z"}
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    _posts(timeline, 1, {**DISK, **starts})
    _posts(timeline, 10, {**DISK, **starts, "endsAt": "2025-11-24T16:00:05Z"})
    _posts(timeline, 11, {**DISK, **starts, "endsAt": "2025-11-24T16:00:05Z"})
    _posts(timeline, 30, {**DISK, **starts})
    timeline.want(immediately(1), "HIGH priority, DiskFull db1")
    timeline.want(between(15, 15.5), "ALERT ENDED: was HIGH priority: DiskFull db1")
    timeline.want(between(30, 40), "HIGH priority, DiskFull db1")
    timeline.run(60)
    assert len({alert.id for alert in timeline.published()}) == 2


@contextmanager
def _api(alerts: list[Alert]) -> Iterator[tuple[str, list[bytes]]]:
    posted: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlparse(self.path)
            asked = parse_qs(url.query)
            flags: dict[str, Any] = {
                name: asked[name] == ["true"] for name in ("active", "silenced", "inhibited") if name in asked
            }
            replies: dict[str, Any] = {
                "/api/v2/alerts": lambda: [
                    alert_json(a, NOW) for a in select(alerts, query(asked.get("filter", []), **flags))
                ],
                "/api/v2/alerts/groups": lambda: groups_json(alerts, NOW),
                "/api/v2/silences": lambda: silences_json([SILENCE], [], NOW),
                "/api/v2/status": lambda: status_json("1", NOW, "route: {}"),
            }
            self._reply(replies[url.path]())

        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply({"silenceID": "s9"})

        def _reply(self, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.engines
def test_amtool_reads_our_alerts_and_writes_silences() -> None:
    if shutil.which("amtool") is None:
        absent("amtool is not installed")
    alerts = [_alert(), _alert(id="e2", labels={"alertname": "news2", "severity": "low"}, silenced_by=("s1",))]
    with _api(alerts) as (url, posted):

        def amtool(*args: str) -> str:
            command = [str(shutil.which("amtool")), f"--alertmanager.url={url}", *args]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert "spo2_low" in amtool("alert", "query")
        assert "news2" not in amtool("alert", "query")
        assert "news2" in amtool("alert", "query", "--silenced")
        assert "spo2_low" in amtool("alert", "query", 'ward=~"icu|hdu"')
        assert "spo2_low" not in amtool("alert", "query", "ward=hdu")
        assert json.loads(amtool("alert", "query", "-o", "json"))[0]["fingerprint"] == alerts[0].fingerprint
        assert "s1" in amtool("silence", "query", "--expired")
        assert "s9" in amtool("silence", "add", "bed=icu-7", "-c", "probe", "-a", "anna", "-d", "1h")
        amtool("alert", "add", "DiskFull", "severity=critical", "instance=db1", "--annotation=summary=full")
        silence, alert = posted
        now = 4_000_000_000 * SECOND  # far later than amtool's own clock
        ((_, finding),) = posted_alerts(alert, now, 300).findings
        assert (finding.rule, finding.severity, finding.text) == ("DiskFull", Severity.HIGH, "full")
        action = posted_silence(silence, SystemClock().now(), "r")
        assert action.silence is not None
        assert action.silence.by == "anna"
        assert [str(m) for m in action.silence.matchers] == ['bed="icu-7"']
