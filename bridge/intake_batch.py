"""Received messages and their records for the log."""

from collections import Counter
from collections.abc import Iterator

from bridge.device_progress import DeviceProgress
from ward.clock import Micros
from ward.observation import Checked
from ward.ports import Addressed, Log, Message, Receipt, TransactionalProducer
from ward.topics import ACTIONS, BED_READINGS, QUARANTINE, READINGS
from ward.wire import ACTION_WIRE, READING_WIRE


class IntakeBatch:
    """Messages that were received together, the records made of them, and what to publish once these are durable.

    `received_at` is when they were received. `received` counts readings, observations and refused messages. `readings`,
    `refused`, and the `actions` and `observed` readings of observations are (key, value) records; `replies` are (topic,
    payload). `acks` are the devices to acknowledge to, by (ward, device, boot).
    """

    def __init__(self, messages: list[Message], received_at: Micros) -> None:
        self.messages = messages
        self.received_at = received_at
        self.received = 0
        self.values: Counter[str] = Counter()  # by signal, of readings measured since the bridge started
        self.replies: list[tuple[str, bytes]] = []
        self.readings: list[tuple[str, bytes]] = []
        self.refused: list[tuple[str, bytes]] = []
        self.actions: list[tuple[str, bytes]] = []
        self.observed: list[tuple[str, bytes]] = []
        self.acks: dict[tuple[str, str, str], DeviceProgress] = {}
        self._receipts: list[Receipt] = []

    def observe(self, found: Checked) -> None:
        """Add an observation: the record of who made it, and what the detectors evaluate of it."""
        self.actions.append((found.action.subject, ACTION_WIRE.encode(found.action)))
        self.observed.append((found.reading.device, READING_WIRE.encode(found.reading)))

    def send(self, log: Log, producer: TransactionalProducer | None = None) -> None:
        """Append its records to the log; with a transactional producer all or none of them."""
        records = [
            (topic, found)
            for topic, found in (
                (READINGS, self.readings), (QUARANTINE, self.refused), (ACTIONS, self.actions),
                (BED_READINGS, self.observed),
            )
            if found
        ]  # fmt: skip
        if producer is None:
            self._receipts = [log.send(topic, found) for topic, found in records]
        elif records:
            self._receipts = [producer.send([Addressed(topic, *one) for topic, found in records for one in found])]

    def durable(self, wait: float) -> bool:
        """Whether all its records are durable, waiting at most `wait` seconds for each topic.

        Raises `LogUnavailable` when the log has given up a record.
        """
        return all(receipt.acked(wait) for receipt in self._receipts)

    def acknowledgements(self) -> Iterator[tuple[str, str, str, int]]:
        """(ward, device, boot, seq): up to which number each device may delete its readings."""
        for (ward, device, boot), progress in self.acks.items():
            complete = progress.contiguous_up_to(boot)
            if complete is not None:
                yield ward, device, boot, complete
