"""Sends a test reading every few seconds, and looks when the newest one got through to the store.

canary ─▶ broker ─▶ intake ─▶ log ─▶ archive ─▶ store ─▶ canary: how old is it?
"""

import re

import msgspec

from ward.canary import SIGNAL, WARD
from ward.clock import SECOND, Clock, Micros, format_instant
from ward.config.live import LiveConfig
from ward.errors import QueryRefused, StoreUnavailable
from ward.metrics import Metrics
from ward.ports import Store
from ward.ports.gateway_connection import GatewayConnection
from ward.topics import DeviceTopics

_NO_ID = re.compile(r"[^A-Za-z0-9_.-]")


class Canary:
    """A part. Its age is also told by the store itself: the newest point of `canary` stands there, whoever is dead.

    Nothing is asked of it but that it comes: a canary that was lost is not sent again.
    """

    def __init__(
        self,
        trunk: GatewayConnection,
        store: Store,
        live: LiveConfig,
        instance: str,
        clock: Clock,
        metrics: Metrics,
        every: float,
    ) -> None:
        self._trunk = trunk
        self._store = store
        self._live = live
        self._device = f"canary-{_NO_ID.sub('-', instance)}"[:64]
        self._clock = clock
        self._metrics = metrics
        self._every = every
        self._number = 0
        self._newest: Micros = clock.now()
        self._next = clock.monotonic()
        trunk.connect()

    def step(self, wait: float) -> int:
        early = self._next - self._clock.monotonic()
        if early > 0:
            self._clock.wait(min(wait, early))
            return 0
        self._next = self._clock.monotonic() + self._every
        self._look()
        return self._send()

    def close(self) -> None:
        self._trunk.close()

    def _send(self) -> int:
        self._number += 1
        said = {"v": 1, "at": format_instant(self._clock.now()), "values": {SIGNAL: float(self._number)}}
        topics = DeviceTopics(self._live.config.root, WARD, self._device)
        return int(self._trunk.publish(topics.readings, msgspec.json.encode(said)))

    def _look(self) -> None:
        """How old the newest one is that is stored; while the store does not answer it grows old."""
        try:
            for at, _ in self._store.last(SIGNAL, "number", {"device": self._device}, 1):
                self._newest = max(self._newest, at)
        except (StoreUnavailable, QueryRefused):
            pass  # that the store is away is told by the archive
        self._metrics.canary_age.set(max(0, self._clock.now() - self._newest) / SECOND)
