"""Sends a test reading every few seconds, and measures how old the newest stored one is.

canary ─▶ broker ─▶ intake ─▶ log ─▶ archive ─▶ store ─▶ canary: how old is it?
"""

import msgspec

from bridge.distinct_ids import distinct_id
from ward.canary import SIGNAL, WARD
from ward.clock import SECOND, Clock, format_instant
from ward.config.live_config import LiveConfig
from ward.errors import QueryRefused, StoreUnavailable
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Store
from ward.ports.gateway_connection import GatewayConnection
from ward.topics import DeviceTopics

_LOOKBACK = 600 * SECOND  # with a longer time between two test readings, the age is that by the monotonic clock


class Canary:
    """A part: sends a test reading every `every` seconds and sets the metric of its age.

    The age can also be queried from the store, as that of the newest point of `canary`: while all programs are down,
    only the store shows it. A test reading that is lost is not sent again.
    """

    def __init__(
        self,
        connection: GatewayConnection,
        store: Store,
        live: LiveConfig,
        instance: str,
        clock: Clock,
        metrics: Metrics,
        every: float,
    ) -> None:
        self._connection = connection
        self._store = store
        self._live = live
        self._device = distinct_id(instance, "-", prefix="canary-")
        self._clock = clock
        self._metrics = metrics
        self._period = Periodic(clock, every)
        self._number = 0
        self._stored = clock.monotonic()  # when the newest stored test reading was sent
        connection.connect()

    def step(self, wait: float) -> int:
        """Returns 1 when a test reading was sent."""
        if not self._period.wait(wait):
            return 0
        self._measure_age()
        return self._send()

    def close(self) -> None:
        self._connection.close()

    def _send(self) -> int:
        self._number += 1
        reading = {"v": 1, "at": format_instant(self._clock.now()), "values": {SIGNAL: float(self._number)}}
        topics = DeviceTopics(self._live.config.root, WARD, self._device)
        return int(self._connection.publish(topics.readings, msgspec.json.encode(reading)))

    def _measure_age(self) -> None:
        """Set the age of the newest stored test reading. It grows while the store does not answer."""
        now = self._clock.now()
        try:
            found = self._store.query_range(SIGNAL, "number", {"device": self._device}, now - _LOOKBACK, now + SECOND)
            if found.at:
                self._stored = self._clock.monotonic() - max(0, now - found.at[-1]) / SECOND
        except (StoreUnavailable, QueryRefused):
            pass  # the archive reports that the store is away
        self._metrics.canary_last_stored_age.set(self._clock.monotonic() - self._stored)
