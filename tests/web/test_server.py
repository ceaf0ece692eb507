"""The server: its port, its connections, and its life and death."""

import socket
from pathlib import Path

import httpx
import pytest

import web.request_timeout
from tests.web.scene import Scene
from ward.errors import SettingsError
from web.server import Server, bind


def test_a_taken_port_is_one_sentence_that_names_it_and_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError) as told:
            bind("127.0.0.1", port)
    assert str(port) in str(told.value)
    assert "WARDWATCH_HTTP_PORT" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none_is_told_the_same_way(port: int) -> None:
    with pytest.raises(SettingsError, match="WARDWATCH_HTTP_PORT"):
        bind("127.0.0.1", port)


def test_a_server_made_anew_serves_on_the_same_port(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    with bind("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/-/healthy"
        for _ in range(2):
            server = Server(scene.app, listener)
            assert server.step(0) == 0
            assert httpx.get(url).text == "healthy\n"
            server.close()
    scene.close()


def test_a_server_that_has_ended_by_itself_is_noticed(tmp_path: Path) -> None:
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
def test_a_client_that_never_finishes_asking_loses_its_connection(
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
                pass  # closed, as it should be: a timeout of recv would fail
        server.close()
    scene.close()
