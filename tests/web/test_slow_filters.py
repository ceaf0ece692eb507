"""A filter that takes long keeps no other request waiting."""

import asyncio
import threading

import httpx
import pytest

import ward.matcher
from tests.kit.guarantees import Figure
from tests.web.scene import Scene
from ward.regular_expression import full_match
from web.app import make_app

EXPENSIVE = 'alertname=~".*.*.*b"'


@pytest.mark.guarantee("While a filter over all alerts is matched, every other request is answered.")
@pytest.mark.parametrize("path", ["/api/v2/alerts", "/api/v2/alerts/groups"])
def test_the_status_is_answered_while_a_filter_is_matched(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, path: str, figure: Figure
) -> None:
    scene.alert("icu-03", "a" * 200 + "b")
    scene.tick()
    answered, threads = threading.Event(), set()

    def matches_once_the_status_is_answered(pattern: str, text: str) -> bool:
        threads.add(threading.get_ident())
        assert answered.wait(20), "nobody was answered meanwhile"
        return full_match(pattern, text)

    monkeypatch.setattr(ward.matcher, "full_match", matches_once_the_status_is_answered)

    async def ask() -> tuple[httpx.Response, list[httpx.Response]]:
        transport = httpx.ASGITransport(make_app(scene.deps))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            slow = [asyncio.create_task(client.get(path, params={"filter": EXPENSIVE})) for _ in range(5)]
            status = await client.get("/api/v2/status")
            answered.set()
            return status, await asyncio.gather(*slow)

    status, slow = asyncio.run(ask())
    assert status.status_code == 200
    assert [answer.status_code for answer in slow] == [200] * 5
    assert len(slow[0].json()) == 1
    assert threading.get_ident() not in threads  # asyncio.run has its loop here
    figure(f"/status answered before {len(slow)} filters")


def test_more_matchers_than_a_reader_needs_are_refused(scene: Scene) -> None:
    answer = scene.http.get("/api/v2/alerts", params={"filter": [f"a{n}=~x" for n in range(65)]})
    assert (answer.status_code, answer.json()) == (400, "filter or receiver: 65 matchers; at most 64.")
    assert scene.http.get("/api/v2/alerts", params={"receiver": "(?=x)"}).status_code == 400
