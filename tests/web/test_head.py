"""HEAD is answered as GET, without the body: load balancers and probes use it."""

import pytest

from tests.web.scene import Scene


@pytest.mark.parametrize("path", ["/", "/-/ready", "/-/healthy", "/metrics", "/api/v1/status", "/api/v2/alerts",
                                  "/static/icons.svg", "/nowhere"])  # fmt: skip
def test_head_has_the_status_and_headers_of_get_and_no_body(quiet: Scene, path: str) -> None:
    whole, head = quiet.http.get(path), quiet.http.request("HEAD", path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_head_changes_nothing(quiet: Scene) -> None:
    assert quiet.http.request("HEAD", "/-/reload").status_code == 405
