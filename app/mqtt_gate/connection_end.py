"""The two ends of a connection through the gate: the device and the broker."""

import socket
from dataclasses import dataclass, field

from app.mqtt_gate.allowance import Allowance
from app.mqtt_gate.packets import PublishScanner

RECENT = 60.0  # seconds


@dataclass(eq=False, slots=True)
class Flow:
    """What a device sends: the messages in it, and how fast it is read."""

    scanner: PublishScanner
    allowance: Allowance


@dataclass(eq=False, slots=True)
class End:
    """One side of a connection. `waiting` are bytes to be sent to it; `other` is None until the version is known.

    `flow` is on the side of the device: how fast it is read. `heard` is when something came last.
    """

    sock: socket.socket
    since: float
    heard: float
    address: str = ""
    flow: Flow | None = None
    other: "End | None" = None
    waiting: bytearray = field(default_factory=bytearray)
    ended: bool = False  # nothing comes any more: it is closed when `waiting` is sent

    def publishes(self, now: float) -> bool:
        """Whether messages have come, and something in the last minute."""
        return self.flow is not None and self.flow.allowance.topics > 0 and now - self.heard <= RECENT
