"""The commands of `wardwatch influx`."""

import json
from pathlib import Path

import pytest

from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.app.calling import call
from tests.engines.engine import free_port
from tests.engines.influx import Influx
from tests.influx.api2 import ADMIN, Api2
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, SystemClock
from ward.ports import Point, Series
from ward.retention_policy import RetentionPolicy


def test_a_backfill_prints_its_progress(tmp_path: Path) -> None:
    path, now = tmp_path / "store.db", SystemClock().now()
    store = SqliteStore(path)
    monitor = Series.of("vitals", device="mon-1")
    store.write([Point(monitor, now - hours * 3600 * SECOND, {"heart_rate": 60.0 + hours}) for hours in range(1, 5)])
    store.close()
    words = ("influx", "backfill", "--from", "6h", "--store", f"sqlite:{path}", "--data", tmp_path)
    found = call(*words)
    assert found.exit_code == 0, found.output
    assert found.output.endswith("4 points of minutes, 4 of hours\n")
    assert "hours: 7 of 7" in found.output
    store = SqliteStore(path)
    assert [value for _, value in store.last("vitals", "heart_rate", {}, 9, RetentionPolicy.HOURS)] == [
        64.0,
        63.0,
        62.0,
        61.0,
    ]
    busy = call(*words)
    assert busy.exit_code == 1
    assert "only one may" in busy.output
    store.close()


def test_an_unavailable_store_ends_a_backfill_and_the_next_call_continues(tmp_path: Path) -> None:
    url = f"influx://127.0.0.1:{free_port()}?bucket=ward&version=1"
    memory = {"from": "2025-11-24T00:00:00.000Z", "to": "2025-11-25T00:00:00.000Z", "done": "2025-11-24T07:00:00.000Z"}
    (tmp_path / "backfill.json").write_text(json.dumps(memory))
    span = ("--from", memory["from"], "--to", memory["to"])
    found = call("influx", "backfill", *span, "--store", url, "--data", tmp_path)
    assert found.exit_code == 1
    assert "continuing from 2025-11-24T07:00:00" in found.output
    assert "nothing listens at this address" in found.output
    assert "the same call continues from 2025-11-24T07:00:00" in found.output


def test_an_unavailable_influxdb_is_reported_in_one_line(tmp_path: Path) -> None:
    found = call("influx", "check", "--store", f"sqlite:{tmp_path}/store.db")
    assert found.exit_code == 1
    assert found.output.startswith("WARDWATCH_STORE_URL begins with 'sqlite'")
    found = call("influx", "check", "--store", f"influx://127.0.0.1:{free_port()}?org=hospital&bucket=ward")
    assert found.exit_code == 1
    assert "nothing listens at this address" in found.output
    assert found.output.count("\n") == 1


def test_a_wrong_token_is_reported_without_its_value(tmp_path: Path) -> None:
    api = Api2()
    url = f"{api.url.replace('http', 'influx')}?org=hospital&bucket=ward"
    found = call("influx", "apply", "--yes", "--store", url, WARDWATCH_STORE_ADMIN_TOKEN="canary-7d")
    api.close()
    assert found.exit_code == 1
    assert "the token is invalid" in found.output
    assert "canary-7d" not in found.output


def test_the_administrators_token_is_preferred_to_that_of_the_programs(tmp_path: Path) -> None:
    api = Api2()
    url = f"{api.url.replace('http', 'influx')}?org=hospital&bucket=ward"
    words = ("influx", "check", "--store", url, "--tokens", tmp_path / "safe")
    for environ in (
        {"WARDWATCH_STORE_ADMIN_TOKEN": ADMIN, "WARDWATCH_STORE_TOKEN": "reads-only"}, {"WARDWATCH_STORE_TOKEN": ADMIN},
    ):  # fmt: skip
        found = call(*words, **environ)
        assert found.exit_code == 1
        assert f"+ token reader, read our buckets, to {tmp_path}/safe/influx-reader.token" in found.output
    api.close()


def test_the_token_of_the_programs_may_be_missing_before_apply_has_made_it(tmp_path: Path) -> None:
    api, token = Api2(), tmp_path / "influx-writer.token"
    url = f"{api.url.replace('http', 'influx')}?org=hospital&bucket=ward"
    environ = {"WARDWATCH_STORE_ADMIN_TOKEN": ADMIN, "WARDWATCH_STORE_TOKEN_FILE": str(token)}
    found = call("influx", "apply", "--store", url, "--tokens", tmp_path, said="n\n", **environ)
    api.close()
    assert f"+ token writer, read and write our buckets, to {token}" in found.output


def test_a_server_that_does_not_understand_a_query_is_reported_in_one_line() -> None:
    server = ScriptedHttp(Answer(400, b'{"error":"error parsing query: found SHOW"}'))
    found = call("influx", "check", "--store", f"{server.url.replace('http', 'influx')}?bucket=ward&version=1")
    server.close()
    assert found.exit_code == 1
    assert found.output == "InfluxDB rejected the query: error parsing query: found SHOW\n"


@pytest.mark.engines
def test_apply_shows_confirms_and_applies_changes_and_check_finds_only_unknown_things(influx: Influx) -> None:
    url = f"influx://127.0.0.1:{influx.port}?bucket=commanded&version=1"
    check, apply = ("influx", "check", "--store", url), ("influx", "apply", "--store", url)
    lines = call(*check).output.splitlines()[:6]
    assert (lines[0], lines[5]) == (
        "+ retention policy commanded.autogen, kept 30 d",
        "+ measurement resolutions, 3 points",
    )
    said_no = call(*apply, said="n\n")
    assert said_no.exit_code == 1, "nobody said yes"
    assert said_no.output.splitlines()[:6] == lines, "it is shown first"
    assert call(*check).output.splitlines()[:6] == lines, "and nothing was changed"
    assert call(*apply, "--yes").output.endswith("6 changed\n")
    assert call(*apply).output == "InfluxDB matches the plan\n"
    assert call(*check).exit_code == 0
    store = InfluxStore(InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="commanded", version=1))
    store.write([Point(Series.of("cpu", host="x"), SystemClock().now(), {"idle": 1.0})])
    store.close()
    found = call(*check)
    assert found.exit_code == 1
    assert '? "autogen".cpu: no program of Wardwatch writes this' in found.output
