"""The guard: host names, origins, sizes and security headers."""

import pytest

from tests.web.scene import Http, Scene

ACK = "/api/v1/alerts/hypoxia-icu-03/ack"
BODY = b'{"by": "Nurse Ada"}'
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "[::1]:8080", "localhost", "wardwatch:8080", "192.168.7.9", "LOCALHOST."]
)
def test_addresses_and_names_without_a_dot_are_served(quiet: Scene, host: str) -> None:
    assert quiet.http.get("/api/v1/status", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "a b", "[::1].evil.example", "<script>"]
)
def test_an_unknown_host_name_is_refused(quiet: Scene, host: str) -> None:
    answer = quiet.http.get("/api/v1/status", headers={"host": host})
    assert answer.status_code == 421
    assert "WARDWATCH_HTTP_HOSTS" in answer.json()["error"]


def test_host_names_of_the_settings_and_of_external_url_are_served(scene: Scene) -> None:
    object.__setattr__(scene.deps, "hosts", ("Ward.Hospital.Example",))
    assert Http(scene.app, "http://ward.hospital.example").get("/api/v1/status").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"}, {"origin": "http://127.0.0.1:8080.evil"},
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
    ],
)  # fmt: skip
def test_a_change_from_a_page_of_another_site_is_refused(scene: Scene, headers: dict[str, str]) -> None:
    scene.alert("icu-03")
    scene.tick()
    for path in (ACK, "/-/reload"):
        answer = scene.http.post(path, content=BODY, headers={**JSON, **headers})
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_a_change_from_our_own_page_or_without_an_origin_is_accepted(scene: Scene) -> None:
    scene.alert("icu-03")
    scene.tick()
    own = {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}
    assert scene.http.post(ACK, content=BODY, headers={**JSON, **own}).status_code == 202
    assert scene.http.post(ACK, content=BODY, headers=JSON).status_code == 202


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_change_that_is_not_json_is_refused(quiet: Scene, kind: str) -> None:
    answer = quiet.http.post(ACK, content=BODY, headers={"content-type": kind})
    assert (answer.status_code, list(answer.json())) == (415, ["error"])


def test_a_body_of_more_than_64_kib_is_refused_with_and_without_its_length(quiet: Scene) -> None:
    big = b'{"by": "' + b"x" * 64 * 1024 + b'"}'

    async def trickle() -> object:
        for i in range(0, len(big), 1024):
            yield big[i : i + 1024]

    assert quiet.http.post(ACK, content=big, headers=JSON).status_code == 413
    assert quiet.http.post(ACK, content=trickle(), headers=JSON).status_code == 413
    assert quiet.http.post(ACK, content=b"{}", headers={**JSON, "content-length": "9" * 30}).status_code == 413


@pytest.mark.parametrize(
    "path", ["/", "/bed/icu-01", "/alerts", "/api/v1/board", "/nothing", "/static/js/feed.js", "/metrics", "/mail"]
)
def test_every_answer_has_the_security_headers(quiet: Scene, path: str) -> None:
    headers = quiet.http.get(path, headers={"accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_answers_are_counted_by_status(quiet: Scene) -> None:
    def count() -> float:
        return quiet.metrics.samples().get('wardwatch_http_requests_total{status="404"}', 0)

    before = count()
    quiet.http.get("/nothing")
    assert count() == before + 1
