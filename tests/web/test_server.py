"""The server: its port, its connections, its start and its end."""

import socket
from pathlib import Path

import httpx
import pytest

import web.request_timeout
from tests.web.scene import Scene
from ward.errors import SettingsError
from web.server import Server, bind


def test_the_error_for_a_port_in_use_names_the_port_and_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError) as raised:
            bind("127.0.0.1", port)
    assert str(port) in str(raised.value)
    assert "WARDWATCH_HTTP_PORT" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_the_error_for_an_invalid_port_names_the_port_and_the_setting(port: int) -> None:
    with pytest.raises(SettingsError, match="WARDWATCH_HTTP_PORT"):
        bind("127.0.0.1", port)


def test_a_new_server_listens_on_the_same_port(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with bind("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/-/healthy"
        for _ in range(2):
            server = Server(scene.app, listener)
            assert server.step(0) == 0
            assert httpx.get(url).text == "healthy\n"
            server.close()
    scene.close()


def test_a_server_that_has_ended_unexpectedly_raises(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with bind("127.0.0.1", 0) as listener:
        server = Server(scene.app, listener)
        server._server.should_exit = True
        with pytest.raises(RuntimeError, match="ended unexpectedly"):
            server.step(10)
        server.close()
    scene.close()


@pytest.mark.parametrize(
    "head", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET"]
)
def test_the_connection_of_a_client_that_never_finishes_its_request_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(web.request_timeout, "TIMEOUT", 0.1)
    scene = Scene(tmp_path)
    with bind("127.0.0.1", 0) as listener:
        server = Server(scene.app, listener)
        with socket.create_connection(listener.getsockname(), timeout=10) as client:
            client.sendall(head)
            try:
                while client.recv(4096):
                    pass
            except ConnectionResetError:
                pass  # closed; a timeout of recv would fail the test
        server.close()
    scene.close()
