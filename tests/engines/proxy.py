"""A TCP proxy that can close, refuse and mute connections, as a network may do."""

import selectors
import socket
import threading


class TcpProxy:
    """Forwards bytes to a port on loopback. While muted it accepts bytes and forwards none."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._selector = selectors.DefaultSelector()
        self._lock = threading.RLock()
        self._other: dict[socket.socket, socket.socket] = {}
        self._mute = self._refuse = self._ended = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._selector.register(self._server, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Close all connections; new ones are accepted."""
        with self._lock:
            for sock in list(self._other):
                self._forget(sock)

    def refuse(self, refuse: bool = True) -> None:
        """Close all connections, and each new one at once."""
        self._refuse = refuse
        self.cut()

    def mute(self, mute: bool = True) -> None:
        """Keep connections open, accept new ones, and forward nothing."""
        self._mute = mute

    def close(self) -> None:
        self._ended = True
        self._thread.join()
        self.cut()
        self._server.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select(0.02):
                with self._lock:
                    if key.fileobj is self._server:
                        self._accept()
                    elif key.fileobj in self._other:
                        self._pass_on(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._server.accept()
        if self._refuse:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._behind), 5)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._other[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(65536)
            if data and not self._mute:
                self._other[sock].sendall(data)
        except OSError:
            data = b""
        if not data and not self._mute:
            self._forget(sock)

    def _forget(self, sock: socket.socket) -> None:
        for one in (sock, self._other.get(sock)):
            if one is not None and self._other.pop(one, None) is not None:
                self._selector.unregister(one)
                one.close()
