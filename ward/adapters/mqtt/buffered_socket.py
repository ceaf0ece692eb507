"""A socket for paho that reads and writes in large blocks.

paho reads one byte, then one more, then the rest of each packet, and writes each PUBACK of four bytes alone: five
system calls a message, which is most of what a message costs. Here it reads from a buffer and writes into one.
`Client._create_socket` is the only place where paho can be given another socket. It is private, so paho-mqtt is pinned
below 3, and the contract tests on real brokers fail when it changes.
"""

import errno
import select
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.publish_packet import publish_at

_READ = 256 * 1024
_CONNECT_WITHIN = 4.0
# In bytes. With more than this in the output buffer the broker does not read, and the connection is closed.
_MOST_UNSENT = 8 * 1024 * 1024
_BLOCKED = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class BufferedSocket:
    """What paho uses as its socket. `unsent` is the output buffer, in bytes; `flush` sends it."""

    def __init__(self, sock: Any) -> None:  # a socket, or one in TLS
        self._sock = sock
        self._read = b""
        self._at = 0
        self.unsent = bytearray()
        self.ended = False  # the broker closed the connection (end of file)

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; none when the connection ended. Raises `OSError`."""
        start, self._at = self._at, self._at + size
        if self._at <= len(self._read):
            return self._read[start : self._at]
        left = self._read[start:]
        self._read, self._at = b"", 0
        if left:
            return left
        self._read = self._sock.recv(_READ)
        self.ended = not self._read
        self._at = min(size, len(self._read))
        return self._read[: self._at]

    def skip(self, unwanted: Callable[[str], bool]) -> list[int]:
        """Skip the messages of unwanted topics that are next in the buffer, whole. Call it between two packets only.

        Returns their packet ids, 0 for those of QoS 0.
        """
        found: list[int] = []
        read, at, end = self._read, self._at, len(self._read)
        while (packet := publish_at(read, at, end)) is not None and _unwanted(packet.topic, unwanted):
            found.append(packet.number)
            at = packet.end
        self._at = at
        return found

    def pending(self) -> int:
        """How many bytes can be read without a system call."""
        return len(self._read) - self._at

    def send(self, data: bytes) -> int:
        """Append to the output buffer. Raises `ConnectionAbortedError` when it is too large."""
        if len(self.unsent) > _MOST_UNSENT:
            raise ConnectionAbortedError("the output buffer is full: the broker does not read")
        self.unsent += data
        return len(data)

    def flush(self) -> None:
        """Send as much as the system takes now. Raises `OSError` when the connection is lost."""
        while self.unsent:
            try:
                sent = self._sock.send(self.unsent)
            except _BLOCKED:
                return
            del self.unsent[:sent]

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def abort(self) -> None:
        """Close and send nothing more."""
        self.unsent.clear()
        self._sock.close()

    def close(self) -> None:
        """Send the output buffer as far as possible, and close."""
        with suppress(OSError):
            self.flush()
        self._sock.close()


class BufferedClient(mqtt.Client):
    """paho's client for one connection, on a `BufferedSocket`; only `serve` and `flush` call its `loop_…` methods.

    With `addresses` set, `open` does not wait for the connection, so that one thread can serve many connections.
    """

    def __init__(self, address: MqttAddress, tls: ssl.SSLContext | None, client_id: str, **settings: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv311, **settings)
        self._address = address
        self._tls = tls
        self.addresses: Sequence[tuple[Any, ...]] = ()
        self.buffered: BufferedSocket | None = None
        self.connect_timeout = _CONNECT_WITHIN
        # Messages of these topics are skipped before paho sees them, which costs a tenth; `skipped` is set then.
        self.unwanted: Callable[[str], bool] | None = None
        self.on_skip: Callable[[int], None] = lambda _: None
        self.skipped = False
        # No limit: a message is sent without waiting for the PUBACK of those before it.
        self.max_inflight_messages_set(0)
        if address.user:
            self.username_pw_set(address.user, address.password)

    def open(self, keepalive: int) -> None:
        """Open the connection; the broker's CONNACK comes later. Raises `OSError`."""
        self.connect(self._address.host, self._address.port, keepalive)

    def _create_socket(self) -> Any:
        place = (self._address.host, self._address.port)
        made = _begin(self.addresses[0]) if self.addresses else socket.create_connection(place, _CONNECT_WITHIN)
        # A small packet goes out now: a device waits for its acknowledgement.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            made = _wrapped(made, self._tls, self._address.host)
        self.buffered = BufferedSocket(made)
        return self.buffered

    def serve(self, room: int = 1_000_000) -> bool:
        """Read about `room` packets at most and send the output buffer. False when the connection ended."""
        if self.want_write():
            self.loop_write()
        sock = self.buffered
        if sock is None or self.socket() is None:
            return False
        while room > 0:
            if self.loop_read() != mqtt.MQTT_ERR_SUCCESS:
                return False
            if self.unwanted is not None:
                self._skip(sock, self.unwanted)
            if not sock.pending():
                break
            room -= 1
        return self.flush()

    def _skip(self, sock: BufferedSocket, unwanted: Callable[[str], bool]) -> None:
        if self._in_packet["command"]:  # paho is in the middle of a packet
            return
        for number in sock.skip(unwanted):
            self.skipped = True
            if number:
                self.on_skip(number)

    def flush(self) -> bool:
        """Send the output buffer. False when the connection ended."""
        if self.want_write():
            self.loop_write()
        if self.buffered is None or self.socket() is None:
            return False
        try:
            self.buffered.flush()
        except OSError:
            return False
        return True

    def abort(self) -> None:
        """Close without sending DISCONNECT or the output buffer."""
        if self.buffered is not None:
            self.buffered.abort()


def _unwanted(topic: bytes, unwanted: Callable[[str], bool]) -> bool:
    try:
        return unwanted(topic.decode())
    except UnicodeDecodeError:
        return False


def _begin(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, place = address
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    begun = made.connect_ex(place)
    if begun not in (0, errno.EINPROGRESS):
        made.close()
        raise OSError(begun, "cannot connect")
    return made


def _wrapped(plain: socket.socket, tls: ssl.SSLContext, host: str) -> socket.socket:
    secret = tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        secret.settimeout(_CONNECT_WITHIN)
        secret.do_handshake()
    except BaseException:
        secret.close()
        raise
    return secret


def wait_for(descriptors: Sequence[tuple[int, bool]], wait: float) -> bool:
    """Wait until one of (descriptor, also to write) is ready, at most `wait` seconds. Whether one was."""
    poll = select.poll()
    for descriptor, write in descriptors:
        poll.register(descriptor, select.POLLIN | (select.POLLOUT if write else 0))
    return bool(poll.poll(max(0, round(wait * 1000))))
