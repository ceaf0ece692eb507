"""Acknowledgements to devices, at most a few a second to each."""

from collections.abc import Iterable

import msgspec

from ward.clock import Clock
from ward.periodic import Periodic
from ward.ports import Broker

EVERY = 0.25  # seconds between two acknowledgements to a device that sends without a pause

DeviceBoot = tuple[str, str, str]  # ward, device, boot


class DeviceAcks:
    """Publishes up to which number a device may delete its readings.

    An acknowledgement includes all before it, so of several within `EVERY` seconds only the first and the last are
    sent. They go at QoS 0: a device whose acknowledgement is lost sends its readings again, and gets another one.
    """

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self._broker = broker
        self._period = Periodic(clock, EVERY)
        self._recent: set[DeviceBoot] = set()
        self._waiting: dict[DeviceBoot, int] = {}

    def add(self, root: str, durable: Iterable[tuple[str, str, str, int]]) -> int:
        """Acknowledge (ward, device, boot, seq) below the topic `root`, now or soon. Returns how many are sent now."""
        now: dict[DeviceBoot, int] = {}
        for ward, device, boot, seq in durable:
            key = ward, device, boot
            (self._waiting if key in self._recent else now)[key] = seq
        self._recent |= now.keys()
        return self._publish(root, now)

    def send_waiting(self, root: str) -> int:
        """Send what has waited for `EVERY` seconds. Returns how many were sent."""
        if not self._period.due():
            return 0
        waiting, self._waiting = self._waiting, {}
        self._recent = set(waiting)
        return self._publish(root, waiting)

    def _publish(self, root: str, acks: dict[DeviceBoot, int]) -> int:
        self._broker.publish_all(
            [
                (f"{root}/{ward}/{device}/ack", msgspec.json.encode({"boot": boot, "seq": seq}))
                for (ward, device, boot), seq in acks.items()
            ]
        )
        return len(acks)
