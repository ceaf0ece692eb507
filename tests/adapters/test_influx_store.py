"""The errors for InfluxDB's answers, from a scripted server; and on the engine, points after a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.engines.engine import free_port
from tests.engines.influx import Influx
from ward.adapters.influx.http import InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.clock import SECOND
from ward.errors import QueryRefused, StoreRefused, StoreUnavailable
from ward.ports import Point, Series

T = 1_764_000_000 * SECOND
POINT = Point(Series.of("vitals", ward="icu", bed="icu-07"), T, {"heart_rate": 72.0, "spo2": 97.5})
TOKEN = "canary-token-8f3a"


@pytest.fixture
def server() -> Iterator[ScriptedHttp]:
    made = ScriptedHttp(Answer(204))
    yield made
    made.close()


@pytest.fixture
def store(server: ScriptedHttp) -> Iterator[InfluxStore]:
    made = InfluxStore(InfluxSettings(url=server.url, bucket="ward", org="hospital", token=TOKEN, timeout=0.5))
    yield made
    made.close()


def test_a_batch_is_one_post_of_lines(store: InfluxStore, server: ScriptedHttp) -> None:
    text = Point(Series.of("scores", bed="a b,c=d"), T + 1, {"words": 'a "b" \\ c', "value": 3.0})
    store.write([POINT, text])
    (asked,) = server.asked
    assert asked.method == "POST"
    assert asked.path == "/api/v2/write?org=hospital&bucket=ward&precision=ns"
    assert asked.headers["Authorization"] == f"Token {TOKEN}"
    assert "Content-Encoding" not in asked.headers
    assert asked.body == (
        b"vitals,bed=icu-07,ward=icu heart_rate=72.0,spo2=97.5 1764000000000000000\n"
        b'scores,bed=a\\ b\\,c\\=d words="a \\"b\\" \\\\ c",value=3.0 1764000000000001000\n'
    )


REFUSED = {
    "parse error": Answer(400, b'{"code":"invalid","message":"unable to parse: bad timestamp"}'),
    "parse error, 1.x": Answer(400, b'{"error":"unable to parse: invalid number"}'),
    "partial write": Answer(422, b'{"code":"unprocessable entity","message":"failure writing points to database"}'),
    "type conflict as 500, whole": Answer(500, b'{"error":"field type conflict: input field x is float"}'),
    "partial write as 500": Answer(500, b'{"error":"partial write: points beyond retention policy dropped=1"}'),
    "type conflict as 500": Answer(500, b'{"error":"partial write: field type conflict: input field x dropped=1"}'),
    "too large": Answer(413, b"<html>"),
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED.keys())
def test_points_that_influxdb_refuses_raise_store_refused(
    store: InfluxStore, server: ScriptedHttp, answer: Answer
) -> None:
    server.answers = [answer]
    with pytest.raises(StoreRefused):
        store.write([POINT])


UNAVAILABLE = {
    "wrong token": (Answer(401, b'{"code":"unauthorized","message":"unauthorized access"}'), "unauthorized access"),
    "may not write": (Answer(403, b""), "may not do this"),
    "no bucket": (Answer(404, b'{"code":"not found","message":"bucket \\"ward\\" not found"}'), "bucket"),
    "no bucket, silent": (Answer(404), "the bucket is not there"),
    "cache full": (Answer(500, b'{"error":"engine: cache-max-memory-size exceeded"}'), "cache-max-memory-size"),
    "away": (Answer(503, b"<html>bad gateway</html>"), "503"),
    "a proxy's own 400": (Answer(400, b"<html>The plain HTTP request was sent to HTTPS port</html>"), "400"),
    "too many": (Answer(429, b""), "429"),
    "a log-in page": (Answer(200, b"<html>please log in</html>"), "200"),
    "a redirect": (Answer(302, b"", {"Location": "/login"}), "302"),
    "hangs": (Answer(hang=True), "ReadTimeoutError"),
}


@pytest.mark.parametrize(("answer", "text"), UNAVAILABLE.values(), ids=UNAVAILABLE.keys())
def test_all_other_errors_raise_store_unavailable_with_the_reason(
    store: InfluxStore, server: ScriptedHttp, answer: Answer, text: str
) -> None:
    server.answers = [answer]
    with pytest.raises(StoreUnavailable, match=text) as raised:
        store.write([POINT])
    assert TOKEN not in str(raised.value)
    assert len(server.asked) == 1, "asked once: no retries and no redirects behind our back"
    server.answers = [Answer(204)]
    store.write([POINT])


# For each of these a person must do something else, so each has another text.
ANSWERS = {
    "wrong token": (Answer(401, b'{"code":"unauthorized","message":"unauthorized access"}'), "the token is invalid"),
    "token of another": (Answer(403, b'{"message":"insufficient permissions for write"}'), "token may not do this"),
    "unknown bucket": (Answer(404, b'{"message":"bucket \\"ward\\" not found"}'), "bucket is not there"),
    "unknown policy": (Answer(404, b'{"error":"retention policy not found: minutes"}'), "policy is not there"),
    "full, in memory": (Answer(500, b'{"error":"engine: cache-max-memory-size exceeded"}'), "it is full: what it has"),
    "full, on disk": (Answer(500, b'{"error":"write /data/wal: no space left on device"}'), "full: no space is left"),
    "read-only": (Answer(500, b'{"error":"open /data/wal: read-only file system"}'), "it is read-only"),
    "slow by its own account": (Answer(500, b'{"error":"timeout"}'), "it is slow: it gave up"),
    "slow": (Answer(hang=True), "it is slow or hangs"),
    "starting": (Answer(503, b""), "it is not ready"),
    "busy": (Answer(429, b""), "overloaded"),
}


def test_each_problem_and_each_refusal_has_its_own_text(store: InfluxStore, server: ScriptedHttp) -> None:
    texts = set()
    for answer, words in ANSWERS.values():
        server.answers = [answer]
        with pytest.raises(StoreUnavailable, match=words) as raised:
            store.write([POINT])
        texts.add(str(raised.value))
    assert len(texts) == len(ANSWERS)
    conflict = b'{"message":"failure writing points: partial write: field type conflict: x is float dropped=1"}'
    refusals = {
        "a field has another type there": Answer(422, conflict),
        "some of the points": Answer(422, b'{"message":"partial write: points beyond retention policy dropped=1"}'),
        r"refuses \(400\)": Answer(400, b'{"message":"unable to parse: bad timestamp"}'),
    }
    for words, answer in refusals.items():
        server.answers = [answer]
        with pytest.raises(StoreRefused, match=words):
            store.write([POINT])


def test_an_error_with_status_200_has_its_own_text(store: InfluxStore, server: ScriptedHttp) -> None:
    for error, words in (
        ("retention policy not found: minutes", "policy is not there: `wardwatch influx apply` makes it"),
        ("database not found: ward", "database is not there, or the token may not read it"),
        ("timeout", "it is slow: it gave up"),
        ("shard not found", "shard not found"),
    ):
        server.answers = [Answer(200, b'{"results":[{"statement_id":0,"error":"%s"}]}' % error.encode())]
        with pytest.raises(StoreUnavailable, match=words):
            store.last("vitals", "heart_rate", {}, 1)


def test_an_address_without_a_server_is_unavailable() -> None:
    store = InfluxStore(InfluxSettings(url=f"http://127.0.0.1:{free_port()}", bucket="b", token=TOKEN))
    with pytest.raises(StoreUnavailable, match="NewConnectionError"):
        store.write([POINT])
    with pytest.raises(StoreUnavailable):
        store.last("vitals", "heart_rate", {}, 1)
    store.close()


def test_an_answer_that_is_not_a_result_is_unavailable_and_not_empty(store: InfluxStore, server: ScriptedHttp) -> None:
    for body in (b"", b"<html>", b"[]", b'{"x":1}', b'{"results":7}'):
        server.answers = [Answer(200, body)]
        with pytest.raises(StoreUnavailable):
            store.last("vitals", "heart_rate", {}, 1)


def test_an_error_page_of_a_proxy_is_not_a_refused_query(store: InfluxStore, server: ScriptedHttp) -> None:
    server.answers = [Answer(400, b'{"error":"error parsing query: found X"}')]
    with pytest.raises(QueryRefused, match="error parsing query"):
        store.rows("vitals", {}, 0, T, 5)
    server.answers = [Answer(400, b"<html>The plain HTTP request was sent to HTTPS port</html>")]
    with pytest.raises(StoreUnavailable, match="400"):
        store.rows("vitals", {}, 0, T, 5)


def test_an_answer_that_ends_with_an_error_is_not_used(store: InfluxStore, server: ScriptedHttp) -> None:
    rows = b'"series":[{"name":"vitals","columns":["time","x"],"values":[[1,2.0]]}]'
    server.answers = [Answer(200, b'{"results":[{%s,"error":"timeout"}]}' % rows)]
    with pytest.raises(StoreUnavailable, match="it is slow"):
        store.rows("vitals", {}, 0, T, 5)


def test_an_error_inside_a_200_is_an_error(store: InfluxStore, server: ScriptedHttp) -> None:
    server.answers = [Answer(200, b'{"results":[{"statement_id":0,"error":"database not found: ward"}]}')]
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.last("vitals", "heart_rate", {}, 1)
    server.answers = [Answer(200, b'{"results":[{"statement_id":0,"error":"max-select-point limit exceeded"}]}')]
    with pytest.raises(QueryRefused, match="max-select-point"):
        store.rows("vitals", {}, 0, T, 5)


def test_control_characters_in_an_answer_reach_no_log_line(store: InfluxStore, server: ScriptedHttp) -> None:
    server.answers = [Answer(503, b'{"error":"x\\r\\n\\u001b[31m forged line"}')]
    with pytest.raises(StoreUnavailable) as raised:
        store.write([POINT])
    assert str(raised.value).isprintable()


@pytest.mark.engines
def test_points_survive_a_kill_of_influxdb_once_write_has_returned(influx: Influx) -> None:
    influx.create("killed")
    store = InfluxStore(InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="killed", version=1, timeout=5))
    written = 0
    for kills in range(3):
        for _ in range(20):
            store.write([Point(POINT.series, T + written, {"heart_rate": float(written)})])
            written += 1
        influx.kill()
        with pytest.raises(StoreUnavailable):
            store.write([Point(POINT.series, T - 1 - kills, {"heart_rate": -1.0})])
        influx.start()
    found = store.query_range("vitals", "heart_rate", {}, T, T + 1000)
    assert list(found.mean) == [float(n) for n in range(written)]
    store.close()


@pytest.mark.engines
def test_an_influxdb_that_hangs_is_unavailable_and_accepts_the_same_points_afterwards(influx: Influx) -> None:
    influx.create("frozen")
    store = InfluxStore(InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="frozen", version=1, timeout=1))
    influx.freeze()
    with pytest.raises(StoreUnavailable, match="Timeout"):
        store.write([POINT])
    influx.thaw()
    store.write([POINT])
    assert store.last("vitals", "heart_rate", {}, 9) == [(T, 72.0)]
    store.close()


@pytest.mark.engines
def test_a_missing_bucket_is_unavailable_and_not_a_refusal(influx: Influx) -> None:
    settings = InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="nowhere", version=1)
    store = InfluxStore(settings)
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.write([POINT])
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.last("vitals", "heart_rate", {}, 1)
    store.close()


GONE = b'{"error":"default retention policy not set for: ward"}'
AS_RESULT = b'{"results":[{"statement_id":0,"error":"default retention policy not set for: ward"}]}'


@pytest.mark.parametrize("answer", [Answer(400, GONE), Answer(500, GONE), Answer(200, AS_RESULT)])
def test_a_bucket_that_is_deleted_makes_queries_wait_in_words(
    store: InfluxStore, server: ScriptedHttp, answer: Answer
) -> None:
    server.answers = [answer]
    with pytest.raises(StoreUnavailable, match="the bucket is not there: `wardwatch influx apply` makes it"):
        store.last("vitals", "heart_rate", {}, 1)


def test_a_wrong_organisation_is_named_and_no_bucket_is_blamed(store: InfluxStore, server: ScriptedHttp) -> None:
    server.answers = [Answer(404, b'{"code":"not found","message":"organization name \\"hospitl\\" not found"}')]
    with pytest.raises(StoreUnavailable, match="no such organisation") as raised:
        store.write([POINT])
    assert "bucket" not in str(raised.value)


@pytest.mark.guarantee("A new token in its file is used at the first refusal of the old one, without a restart.")
@pytest.mark.parametrize("status", [401, 403])
def test_a_new_token_is_taken_from_its_file(server: ScriptedHttp, tmp_path: Path, status: int) -> None:
    file = tmp_path / "influx-writer.token"
    file.write_text("second-9c1b\n", encoding="ascii")
    store = InfluxStore(
        InfluxSettings(url=server.url, bucket="ward", org="hospital", token=TOKEN, token_file=file, timeout=5)
    )
    server.answers = [Answer(status, b"{}"), Answer(204), Answer(204), Answer(status, b"{}")]
    store.write([POINT])
    store.write([POINT])
    with pytest.raises(StoreUnavailable, match=str(status)) as raised:
        store.write([POINT])
    tokens = [asked.headers["Authorization"].removeprefix("Token ") for asked in server.asked]
    assert tokens == [TOKEN, "second-9c1b", "second-9c1b", "second-9c1b"]
    assert len({asked.body for asked in server.asked}) == 1, "the refused points are sent again"
    assert "second" not in str(raised.value)
    store.close()
