"""The version of MQTT that a client speaks, by the first bytes of its connection."""

from typing import NamedTuple

_CONNECT = 0x10
_NAMES = {(b"MQTT", 4): "MQTT 3.1.1", (b"MQTT", 5): "MQTT 5", (b"MQIsdp", 3): "MQTT 3.1"}
# CONNACK: *unacceptable protocol version* of MQTT 3.1 and 3.1.1, *unsupported protocol version* of MQTT 5.
_REFUSED, _REFUSED_5 = b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"


class MqttVersion(NamedTuple):
    """The name of a version, and the answer that refuses it: None where it is served, empty for what is no MQTT."""

    name: str
    refusal: bytes | None


def version_of(data: bytes) -> MqttVersion | None:
    """The version of a connection that begins with these bytes; None while there are too few.

    >>> version_of(bytes.fromhex("100c00044d51545404020003c"+"0"))
    MqttVersion(name='MQTT 3.1.1', refusal=None)
    >>> version_of(bytes.fromhex("100d00044d515454050200"))
    MqttVersion(name='MQTT 5', refusal=b' \\x03\\x00\\x84\\x00')
    >>> version_of(b"GET / HTTP/1.1")
    MqttVersion(name='no MQTT', refusal=b'')
    """
    if not data:
        return None
    start = next((i + 1 for i, byte in enumerate(data[1:5], 1) if byte < 0x80), 0)
    if data[0] != _CONNECT or (start == 0 and len(data) >= 5):
        return MqttVersion("no MQTT", b"")
    if start == 0 or len(data) < start + 2:
        return None
    length = int.from_bytes(data[start : start + 2], "big")
    if length > 6:
        return MqttVersion("no MQTT", b"")
    if len(data) < start + 3 + length:
        return None
    name, level = data[start + 2 : start + 2 + length], data[start + 2 + length]
    known = _NAMES.get((name, level))
    if known == "MQTT 3.1.1":
        return MqttVersion(known, None)
    return MqttVersion(known or f"level {level} of MQTT", _REFUSED_5 if level >= 5 else _REFUSED)
