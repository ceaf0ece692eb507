"""Broker → log, then acknowledge.

    messages ─▶ codec ─▶ new? ─▶ which instant? ─▶ plausible? ─▶ log: readings ──durable──▶ PUBACK and device ack
                   └─ refused ─▶ log: quarantine ──────────────────durable──▶ PUBACK and device ack

While the log does not answer, nothing is received and nothing acknowledged: the broker's window fills, and devices
keep their readings. What the bridge knows of each device follows from the log alone, so a bridge that starts reads the
end of the log.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from bridge.codec_routing import CodecRouting
from bridge.codecs.base import MOST_BYTES, Codec
from bridge.decoded_reading import DecodedReading
from bridge.device_acks import DeviceAcks
from bridge.device_clock import DeviceClock, ReadingTime
from bridge.device_progress import Arrival
from bridge.flooding_devices import FloodingDevices
from bridge.intake_batch import IntakeBatch
from bridge.known_devices import KnownDevices
from bridge.observations import checked_observation
from bridge.quarantine import Quarantine
from bridge.reading_builder import ReadingBuilder
from bridge.recent_readings import RecentReadings
from bridge.refusal import RefusalReason, Refused
from bridge.share import Share, ShareFilter
from bridge.unknown_alarms import UnknownAlarms
from bridge.unknown_signals import UnknownSignals
from ward.canary import is_canary
from ward.clock import SECOND, Clock, Micros
from ward.config.config import Config
from ward.config.live_config import LiveConfig
from ward.ids import is_id
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Broker, Log, Message, TransactionalProducer
from ward.reading import Flag, Reading
from ward.topics import READINGS
from ward.wire import QUARANTINED_WIRE, READING_WIRE

log = logging.getLogger(__name__)

GAP_TIMEOUT = 30.0  # seconds after which missing numbers count as lost
REPORT_EVERY = 5.0  # seconds
TAIL = 20_000  # records of each partition that a bridge reads when it starts


class Intake:
    """A part: receives messages, makes them durable, and acknowledges them."""

    def __init__(
        self, broker: Broker, log: Log, live: LiveConfig, clock: Clock, metrics: Metrics,
        share: Share | None = None, producer: TransactionalProducer | None = None,
    ) -> None:  # fmt: skip
        self._broker = broker
        self._share = share or Share()
        self._producer = producer
        self._log = log
        self._clock = clock
        self._metrics = metrics
        self._recent = RecentReadings()
        self._started = clock.now()
        self._quarantine = Quarantine("intake", metrics)
        self._unknown = UnknownSignals(metrics)
        self._devices = KnownDevices(clock, metrics, self._unknown.forget)
        self._flooding = FloodingDevices(clock, metrics)
        self._unknown_alarms = UnknownAlarms(metrics)
        self._report = Periodic(clock, REPORT_EVERY)
        self._acks = DeviceAcks(broker, clock)
        self._in_flight: IntakeBatch | None = None
        self._routing: CodecRouting | None = None
        self._live = live
        try:
            self._configure(live.config)
            self._restore_progress()
        except BaseException:
            self.close()
            raise

    def _configure(self, config: Config) -> None:
        self._config = config
        self._routing = CodecRouting(config.codecs, self._routing)
        self._filter = ShareFilter(self._share, self._routing)
        self._broker.subscribe([rule.filter for rule in config.codecs])
        if self._share.count > 1:
            self._broker.skip(self._filter.foreign)
        self._devices.configure(config.inventory.devices)
        self._builder = ReadingBuilder(config, self._metrics, self._unknown)

    def step(self, wait: float, limit: int = 2000) -> int:
        """Returns how many messages were acknowledged; 0 while the log does not answer."""
        self._metrics.acknowledgements_sent.inc(self._acks.send_waiting(self._config.root))
        if self._in_flight is not None:
            return self._acknowledge(self._in_flight, wait)
        if self._report.due():
            self._devices.report()
            self._flooding.report()
        if self._live.config is not self._config:
            self._configure(self._live.config)
        messages = self._broker.receive(limit, wait)
        if not messages:
            return 0
        self._in_flight = self._take(messages)
        return self._acknowledge(self._in_flight, wait)

    def finish(self, wait: float) -> bool:
        """Acknowledge what the log has by `wait` seconds from now, and receive nothing. Whether nothing is left."""
        return self._in_flight is None or self._acknowledge(self._in_flight, wait) > 0

    def close(self) -> None:
        """Leave the broker. Unacknowledged messages are delivered again to the next bridge."""
        self._broker.close()
        self._devices.close()
        self._flooding.close()
        self._unknown_alarms.close()
        if self._producer is not None:
            self._producer.close()

    def problem(self) -> str:
        return self._broker.problem()

    def _take(self, messages: list[Message]) -> IntakeBatch:
        now = self._clock.now()
        batch = IntakeBatch(messages, now)
        for message in messages:
            if not self._filter.foreign(message.topic):
                self._take_one(message, now, batch)
        batch.send(self._log, self._producer)
        return batch

    def _take_one(self, message: Message, now: Micros, batch: IntakeBatch) -> None:
        """Accept the readings of a message. One that is refused costs no other, nor does one of its values."""
        refused: list[Refused] = []
        incomplete: list[DecodedReading] = []
        readings = self._decode(message, batch, refused)
        if not readings and not refused:
            self._metrics.messages_ignored.inc(int(self._filter.ignored(message.topic)))
            return
        readings, refused = self._filter.readings(readings), self._filter.refused(message.topic, refused)
        batch.received += len(readings) + len(refused)
        for decoded in readings:
            try:
                self._accept(decoded, message, now, batch)
            except Refused as error:
                refused.append(error)
            else:
                incomplete += [decoded] if decoded.refused else []
        if refused or incomplete:
            self._refuse(message, refused, incomplete, now, batch)

    def _decode(self, message: Message, batch: IntakeBatch, refused: list[Refused]) -> Sequence[DecodedReading]:
        """The readings of a message. Those that cannot be used at all, or the whole message, are added to `refused`."""
        try:
            return self._decoded(message, batch, refused)
        except Refused as error:
            refused.append(error)
            return ()

    def _decoded(self, message: Message, batch: IntakeBatch, refused: list[Refused]) -> Sequence[DecodedReading]:
        assert self._routing is not None
        codec, levels = self._routing.codec(message.topic)
        if not 0 < len(message.payload) <= MOST_BYTES:
            raise Refused(RefusalReason.SIZE, f"{len(message.payload)} bytes; a payload has 1 to {MOST_BYTES}")
        try:
            return self._run(codec, levels, message.payload)
        finally:
            batch.replies += codec.replies()
            refused += codec.refused()

    def _run(self, codec: Codec, levels: Sequence[str], payload: bytes) -> Sequence[DecodedReading]:
        """A message whose codec raises an unexpected error is quarantined, so that the bug can be reproduced."""
        try:
            return list(codec.decode(levels, payload))
        except Refused:
            raise
        except Exception as error:
            log.exception("the codec %s failed", codec.name)
            raise Refused(RefusalReason.CODEC, f"the codec {codec.name} failed: {type(error).__name__}") from error

    def _accept(self, decoded: DecodedReading, message: Message, now: Micros, batch: IntakeBatch) -> None:
        """Add a reading to the batch, unless it came before. Raises `Refused`."""
        if is_canary(decoded.ward, decoded.values):
            self._accept_canary(decoded, now, batch)
            return
        if decoded.observation is not None:
            self._flooding.count(decoded.device, None)
            batch.observe(checked_observation(decoded.observation, self._config, now))
            return
        if message.retained and decoded.at is None and not decoded.status:
            raise Refused(
                RefusalReason.RETAINED, "a retained reading without a time of its own: publish without retain"
            )
        progress = self._devices.progress(decoded.device)
        self._flooding.count(decoded.device, decoded.at)
        decoded.repeat = decoded.repeat or self._delivered_again(decoded, message)
        arrival = progress.apply(decoded, now, GAP_TIMEOUT)
        numbered = decoded.boot != ""
        if numbered and decoded.ward:
            batch.acks[(decoded.ward, decoded.device, decoded.boot)] = progress
        if not arrival.new:
            self._metrics.readings_duplicate.inc()
            return
        time = self._time(progress.clock, decoded, arrival, now)
        flags = time.flags | Flag.REBOOTED * arrival.rebooted
        flags |= Flag.RETAINED * message.retained | Flag.STATUS * decoded.status
        flags |= Flag.SOURCE_CHANGED * progress.sender_changed(decoded)
        reading = self._builder.build(decoded, arrival, time, now, flags)
        registered = decoded.device in self._config.inventory.devices
        self._unknown_alarms.note(decoded.device, decoded.unknown_alarms, registered=registered)
        progress.reset_counts()
        self._metrics.readings_lost.inc(arrival.lost)
        batch.readings.append((decoded.device, READING_WIRE.encode(reading)))
        if reading.at >= self._started:
            batch.values.update(reading.values.keys())

    def _delivered_again(self, decoded: DecodedReading, message: Message) -> bool:
        """Whether the broker has delivered a reading before that cannot be recognised by its number."""
        if decoded.boot or decoded.at is None:
            return False
        if message.redelivered and self._recent.known(decoded.device, decoded.at, decoded.values):
            return True
        self._recent.add(decoded.device, decoded.at, decoded.values)
        return False

    def _time(self, clock: DeviceClock, decoded: DecodedReading, arrival: Arrival, now: Micros) -> ReadingTime:
        if decoded.status and decoded.at is None:
            return clock.resolve_status(now)
        return clock.resolve(
            decoded.at, boot=decoded.boot, newer=arrival.newer, received_at=now, timing=self._config.timing
        )

    def _accept_canary(self, decoded: DecodedReading, now: Micros, batch: IntakeBatch) -> None:
        """The canary's test readings skip all checks."""
        self._metrics.canary_readings_received.inc()
        at = now if decoded.at is None else min(now, decoded.at)
        reading = Reading(device=decoded.device, ward=decoded.ward, at=at, received_at=now, values=decoded.values)
        batch.readings.append((decoded.device, READING_WIRE.encode(reading)))

    def _refuse(
        self, message: Message, refused: Sequence[Refused], incomplete: Sequence[DecodedReading], now: Micros,
        batch: IntakeBatch,
    ) -> None:  # fmt: skip
        record = self._quarantine.record(message.topic, message.payload, refused, now, incomplete)
        batch.refused.append((record.device, QUARANTINED_WIRE.encode(record)))
        if refused and record.device:
            self._flooding.count(record.device, None)
        for one in refused:
            if one.boot and record.device:
                with suppress(Refused):  # of a new device beyond the bound nothing is remembered
                    progress = self._devices.progress(record.device)
                    progress.apply_number(one.boot, one.seq, now, GAP_TIMEOUT)
                    batch.acks[(record.ward, record.device, one.boot)] = progress

    def _acknowledge(self, batch: IntakeBatch, wait: float) -> int:
        if not batch.durable(wait):
            return 0
        self._in_flight = None
        self._broker.acknowledge(batch.messages)
        sent = self._acks.add(self._config.root, batch.acknowledgements())
        for topic, reply in batch.replies:
            self._broker.publish(topic, reply)
        self._metrics.readings_received.inc(batch.received)
        self._metrics.readings_accepted.inc(len(batch.readings) + len(batch.observed))
        for signal, count in batch.values.items():
            if signal in self._config.catalogue:
                self._metrics.values_accepted.labels(signal).inc(count)
        self._metrics.acknowledgements_sent.inc(sent)
        self._metrics.delay.labels("log").observe(max(0, self._clock.now() - batch.received_at) / SECOND)
        return len(batch.messages)

    def _restore_progress(self) -> None:
        """Rebuild what is known of each device from the end of the log."""
        for partition in self._log.partitions(READINGS):
            for batch in self._log.scan(partition, tail=TAIL):
                own = [v for key, v in zip(batch.keys, batch.values, strict=True) if self._share.has(key)]
                for reading in READING_WIRE.decode_many(own):
                    if isinstance(reading, Reading):
                        self._restore(reading)

    def _restore(self, reading: Reading) -> None:
        if is_canary(reading.ward, reading.values):
            return
        progress = self._devices.restored(reading.device)
        if reading.boot and is_id(reading.boot):
            progress.apply_number(reading.boot, reading.seq, reading.received_at, GAP_TIMEOUT)
            progress.reset_counts()
        progress.clock.restore(reading)
        if not reading.boot and not reading.flags & Flag.UNTIMED:
            device_time = reading.at if reading.device_time is None else reading.device_time
            self._recent.add(reading.device, device_time, reading.values | reading.implausible)
