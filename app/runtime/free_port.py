"""A port of the loopback address for an engine of this process."""

import socket


def free_port() -> int:
    """A port that nothing listens on now. Another process may take it before it is used."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
