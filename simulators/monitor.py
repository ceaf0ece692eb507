"""A bedside monitor: measures, numbers its readings, and keeps them until they are acknowledged."""

import json
import math
import random
from collections import OrderedDict

from ward.clock import SECOND, Clock, format_instant
from ward.ports import Link
from ward.topics import DeviceTopics

PERIOD = 2.5


class Monitor:
    """A part: one device with one patient, whose heart races from 20 to 80 s after the start."""

    def __init__(self, link: Link, topics: DeviceTopics, clock: Clock, seed: int) -> None:
        self._link = link
        self._topics = topics
        self._clock = clock
        self._random = random.Random(seed)  # noqa: S311 - a patient, not a secret
        self._started = self._next = clock.now()
        self._boot = f"b{clock.now() // SECOND}"
        self._seq = 0
        self.kept: OrderedDict[int, bytes] = OrderedDict()
        self.sent = 0
        link.connect()

    def step(self, wait: float) -> int:
        for _, payload in self._link.receive():
            self._forget(payload)
        now = self._clock.now()
        if now < self._next:
            self._clock.wait(min(wait, (self._next - now) / SECOND))
            return 0
        self._next += round(PERIOD * SECOND)
        age = (now - self._started) / SECOND
        rate = (140 if 20 < age < 80 else 74) + 3 * math.sin(age / 7) + self._random.gauss(0, 1)
        self._seq += 1
        payload = json.dumps(
            {
                "v": 1,
                "boot": self._boot,
                "seq": self._seq,
                "at": format_instant(now),
                "values": {"heart_rate": round(rate)},
            }
        ).encode()
        self.kept[self._seq] = payload
        self.sent += 1
        self._link.publish(self._topics.readings, payload)
        return 1

    def close(self) -> None:
        self._link.close()

    def _forget(self, payload: bytes) -> None:
        ack = json.loads(payload)
        if ack.get("boot") == self._boot:
            for seq in [s for s in self.kept if s <= ack["seq"]]:
                del self.kept[seq]
