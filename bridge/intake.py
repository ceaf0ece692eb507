"""Broker → log, then acknowledge.

    deliveries ─▶ codec ─▶ new? ─▶ which instant? ─▶ plausible? ─▶ log: readings ──durable──▶ PUBACK and device ack
                    └─ refused ─▶ log: quarantine ───────────────────durable──▶ PUBACK and device ack

While the log does not answer nothing is taken and nothing acknowledged: the broker's window fills,
and devices keep what they have. What the bridge knows of each device follows from the log alone, so
a bridge that starts reads the end of it.
"""

import logging
from collections.abc import Sequence

import msgspec

from bridge.codecs.base import MOST_BYTES, Codec
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from bridge.device_progress import DeviceProgress
from bridge.quarantine import Quarantine
from bridge.routing import Routing
from bridge.screening import Screening
from bridge.timing import settle
from ward.canary import is_canary
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live import LiveConfig
from ward.ids import is_id
from ward.metrics import Metrics
from ward.ports import Broker, Log, Message, Receipt
from ward.reading import Flag, Reading
from ward.topics import QUARANTINE, READINGS
from ward.wire import QUARANTINED, READING

log = logging.getLogger(__name__)

GAP_PATIENCE = 30.0
TAIL = 50_000


class Intake:
    """One part of the bridge. `step` takes what has come, makes it durable, and acknowledges it."""

    def __init__(self, broker: Broker, log: Log, live: LiveConfig, clock: Clock, metrics: Metrics) -> None:
        self._broker = broker
        self._log = log
        self._clock = clock
        self._metrics = metrics
        self._tracks: dict[str, DeviceProgress] = {}
        self._quarantine = Quarantine("intake", metrics)
        self._pending: _Flight | None = None
        self._routing: Routing | None = None
        self._live = live
        self._configure(live.config)
        self._remember()

    def _configure(self, config: Config) -> None:
        self._config = config
        self._routing = Routing(config.codecs, self._routing)
        self._broker.listen([rule.filter for rule in config.codecs])
        self._screening = Screening(config, self._metrics)

    def step(self, wait: float, limit: int = 2000) -> int:
        if self._pending is not None:
            return self._land(self._pending, wait)
        if self._live.config is not self._config:
            self._configure(self._live.config)
        messages = self._broker.receive(limit, wait)
        if not messages:
            return 0
        self._pending = self._take(messages)
        return self._land(self._pending, wait)

    def close(self) -> None:
        """Nothing is owed: what was not acknowledged comes again."""
        self._broker.close()

    def problem(self) -> str:
        return self._broker.problem()

    def _take(self, messages: list[Message]) -> "_Flight":
        now = self._clock.now()
        flight = _Flight(messages, now)
        for message in messages:
            try:
                drafts = self._decode(message, flight)
                for draft in drafts:
                    flight.received += 1
                    self._accept(draft, message, now, flight)
                if not drafts:
                    self._metrics.passed.inc()
            except Refused as refused:
                flight.received += 1
                self._refuse(message, refused, now, flight)
        flight.receipts = [
            self._log.send(topic, records)
            for topic, records in ((READINGS, flight.readings), (QUARANTINE, flight.refused))
            if records
        ]
        return flight

    def _decode(self, message: Message, flight: "_Flight") -> Sequence[DecodedReading]:
        assert self._routing is not None
        codec, levels = self._routing.codec(message.topic)
        if not 0 < len(message.payload) <= MOST_BYTES:
            raise Refused(RefusalReason.SIZE, f"{len(message.payload)} bytes; a payload has 1 to {MOST_BYTES}")
        try:
            drafts = self._ask(codec, levels, message.payload)
        finally:
            flight.replies += codec.replies()
        if message.retained and any(draft.at is None and not draft.status for draft in drafts):
            raise Refused(
                RefusalReason.RETAINED, "a retained reading without a time of its own: publish without retain"
            )
        return drafts

    def _ask(self, codec: Codec, levels: Sequence[str], payload: bytes) -> Sequence[DecodedReading]:
        """A codec that fails costs its own message and no other: whoever mends it finds the message in quarantine."""
        try:
            return list(codec.decode(levels, payload))
        except Refused:
            raise
        except Exception as error:
            log.exception("the codec %s failed", codec.name)
            raise Refused(RefusalReason.CODEC, f"the codec {codec.name} failed: {type(error).__name__}") from error

    def _accept(self, draft: DecodedReading, message: Message, now: Micros, flight: "_Flight") -> None:
        if is_canary(draft.ward, draft.values):
            self._pass_on(draft, now, flight)
            return
        track = self._tracks.get(draft.device)
        if track is None:
            track = self._tracks[draft.device] = DeviceProgress()
        track.lost += draft.lost
        if draft.repeat:
            track.duplicates += 1
            self._metrics.duplicates.inc()
            return
        numbered = draft.boot != ""
        newer = not numbered or track.newer(draft.boot, draft.seq)
        rebooted = numbered and bool(track.boots) and draft.boot not in track.boots
        if numbered:
            if draft.ward:
                flight.acks[(draft.ward, draft.device, draft.boot)] = track
            if not track.take(draft.boot, draft.seq, now, GAP_PATIENCE):
                self._metrics.duplicates.inc()
                return
        at, claimed, flags = settle(draft, track, newer, now, self._config.timing)
        flags |= Flag.REBOOTED * rebooted | Flag.RETAINED * message.retained | Flag.STATUS * draft.status
        reading = self._screening.screen(draft, track, at, now, claimed, flags)
        flight.readings.append((draft.device, READING.encode(reading)))

    def _pass_on(self, draft: DecodedReading, now: Micros, flight: "_Flight") -> None:
        """A canary is taken as it is."""
        self._metrics.canaries.inc()
        at = now if draft.at is None else min(now, draft.at)
        reading = Reading(device=draft.device, ward=draft.ward, at=at, seen=now, values=draft.values)
        flight.readings.append((draft.device, READING.encode(reading)))

    def _refuse(self, message: Message, refused: Refused, now: Micros, flight: "_Flight") -> None:
        record = self._quarantine.record(message.topic, message.payload, refused, now)
        flight.refused.append((record.device, QUARANTINED.encode(record)))
        if refused.boot and record.device:
            track = self._tracks.setdefault(record.device, DeviceProgress())
            track.take(refused.boot, refused.seq, now, GAP_PATIENCE)
            flight.acks[(record.ward, record.device, refused.boot)] = track

    def _land(self, flight: "_Flight", wait: float) -> int:
        if not all(receipt.settled(wait) for receipt in flight.receipts):
            return 0
        self._pending = None
        self._broker.acknowledge(flight.messages)
        for (ward, device, boot), track in flight.acks.items():
            upto = track.boots[boot].complete() if boot in track.boots else None
            if upto is not None:
                payload = msgspec.json.encode({"boot": boot, "seq": upto})
                self._broker.publish(f"{self._config.root}/{ward}/{device}/ack", payload)
        for topic, said in flight.replies:
            self._broker.publish(topic, said)
        self._metrics.received.inc(flight.received)
        self._metrics.accepted.inc(len(flight.readings))
        self._metrics.acked.inc(len(flight.acks))
        self._metrics.delay.labels("log").observe(max(0, self._clock.now() - flight.seen) / SECOND)
        return len(flight.messages)

    def _remember(self) -> None:
        """Fold the end of the log into what is known of each device."""
        reader = self._log.follow([READINGS], tail=TAIL)
        while batches := reader.poll(10_000, 0):
            for batch in batches:
                for reading in READING.decode_many(batch.values):
                    if isinstance(reading, Reading):
                        self._recall(reading)
        reader.close()

    def _recall(self, reading: Reading) -> None:
        if is_canary(reading.ward, reading.values):
            return
        track = self._tracks.setdefault(reading.device, DeviceProgress())
        if reading.boot and is_id(reading.boot):
            track.take(reading.boot, reading.seq, reading.seen, GAP_PATIENCE)
            track.lost = track.duplicates = 0
        if not reading.flags & Flag.OUT_OF_ORDER:
            track.last_at = max(reading.at, track.last_at or 0)


class _Flight:
    """Deliveries under way to the log, with what is to be said once they are durable."""

    def __init__(self, messages: list[Message], seen: Micros) -> None:
        self.messages = messages
        self.seen = seen
        self.received = 0
        self.replies: list[tuple[str, bytes]] = []
        self.readings: list[tuple[str, bytes]] = []
        self.refused: list[tuple[str, bytes]] = []
        self.acks: dict[tuple[str, str, str], DeviceProgress] = {}
        self.receipts: list[Receipt] = []
