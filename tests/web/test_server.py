"""The server: its port, its connections, its start and its end."""

import resource
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import web.request_timeout
from tests.kit.guarantees import Figure
from tests.web.scene import Scene
from ward.errors import SettingsError
from web.idle_connections import IdleConnections
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


class HeldConnection:
    """An idle connection that knows whether it was closed."""

    closed = False

    def close_idle(self) -> None:
        self.closed = True


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=60))
def test_idle_connections_stay_within_both_limits_and_the_oldest_go_first(opened: list[tuple[str, int]]) -> None:
    idle, kept = IdleConnections(of_a_client=4, most=7), dict[str, list[HeldConnection]](a=[], b=[], c=[])
    for client, number in opened:
        if number < 3 and kept[client]:  # a request comes
            idle.discard(client, kept[client].pop())
            continue
        kept[client].append(HeldConnection())
        idle.add(client, kept[client][-1])
        kept = {name: [held for held in connections if not held.closed] for name, connections in kept.items()}
        assert max(map(len, kept.values())) <= 4
        assert sum(map(len, kept.values())) <= 7
        assert not kept[client] or not kept[client][-1].closed


@pytest.mark.guarantee("One client with more than 1,000 idle connections takes nobody's connection to the ward screen.")
def test_a_client_with_many_idle_connections_costs_no_other_client(tmp_path: Path, figure: Figure) -> None:
    scene, answers = Scene(tmp_path), 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    with bind("127.0.0.1", 0) as listener, ExitStack() as held:
        server = Server(scene.app, listener)
        for _ in range(1100):
            held.enter_context(socket.create_connection(listener.getsockname(), timeout=10))
        for _ in range(20):
            with urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}/-/healthy", timeout=10) as answer:
                answers += answer.status == 200
        server.close()
    scene.close()
    assert answers == 20
    figure(f"{answers} of 20 requests answered beside 1,100 idle connections")
