"""Which message goes next to one URL of a channel, and when one that failed is tried again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from alerts.delivery.sender import Sender
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome, RecipientState
from alerts.model.outbox_entry import OutboxEntry
from alerts.ports.outbox import Outbox, Queued
from ward.backoff import Backoff
from ward.clock import Clock

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# While a service does not answer: short, for only one message at a time asks it, and all wait for its answer.
LONGEST_SERVICE_PAUSE = 5.0
# Seconds until a recipient that refused is asked again.
REFUSED_PAUSE = 60.0


@dataclass(slots=True)
class _Retry:
    """A message that some recipient does not have: so many attempts, the next one at `due` (monotonic)."""

    attempts: int
    due: float


@dataclass(slots=True)
class Delivery:
    """A message on its way: `states` are those of all recipients so far, `answered` those of this attempt.

    `tries_service` says that the service did not answer before.
    """

    entry: OutboxEntry
    tries_service: bool
    states: dict[str, RecipientState]
    answered: dict[str, Outcome] = field(default_factory=dict)

    def add(self, recipient: str, result: DeliveryResult) -> RecipientState:
        """Note a result. Returns the state of the recipient."""
        before = self.states.get(recipient)
        after = before.after(result) if before else RecipientState(result.outcome, 1, result.reply)
        self.states[recipient] = after
        self.answered[recipient] = result.outcome
        return after


class Lane:
    """The messages for one URL: the most urgent first, then the oldest, several at one time.

    - Of one bed (or device) only one message is on its way, so that its messages arrive in order.
    - A message that failed is tried again after 1, 2, 4 … 60 s; others do not wait for it.
    - While the service does not answer, one message at a time tries it, each time another one, after 1, 2, 4, 5, 5 … s.
      With its first answer all that failed meanwhile are due, unless it was one message only that failed: that one
      may be the reason, and waits its own pause.

    `allows` says whether a message may be sent now. With `ordered`, a message waits for every older one about its bed,
    also for one that failed: a program reads them, and the last one it reads is true for it.
    """

    def __init__(
        self, sender: Sender, clock: Clock, allows: Callable[[Queued], bool] = lambda _: True, *, ordered: bool = False
    ) -> None:
        self.sender = sender
        self._allows = allows
        self._ordered = ordered
        self._clock = clock
        self._backoff = Backoff(clock, FIRST_PAUSE, LONGEST_SERVICE_PAUSE)
        self._pauses = Backoff(clock, FIRST_PAUSE, LONGEST_PAUSE)
        self.deliveries: dict[int, Delivery] = {}
        self._retries: dict[int, _Retry] = {}
        self._without_answer: set[int] = set()
        # Messages that all recipients here have or have refused, while those of other URLs are asked.
        self.settled: set[int] = set()

    @property
    def recipients(self) -> tuple[str, ...]:
        """All recipients; until the URL has been opened, a name for the URL itself."""
        return self.sender.recipients or (f"URL {self.sender.number}",)

    @property
    def failing(self) -> bool:
        """Whether the service did not answer the last time."""
        return self._backoff.failures > 0

    def has_room(self) -> bool:
        """Whether a message may be begun now."""
        if self.failing:
            return not self.deliveries and self._backoff.due()
        return len(self.deliveries) < self.sender.concurrency

    def next(self, outbox: Outbox) -> Queued | None:
        """The message to begin now, if there is any."""
        now, fewest = self._clock.monotonic(), None
        with closing(outbox.queue(self.sender.name)) as waiting:
            for queued in self._free(waiting):
                retry = self._retries.get(queued.number)
                if retry is None or (not self.failing and retry.due <= now):
                    return queued
                if self.failing and (fewest is None or retry.attempts < self._retries[fewest.number].attempts):
                    fewest = queued
        return fewest

    def begin(self, entry: OutboxEntry, message: ChannelMessage) -> None:
        """Send the message of an entry to all recipients that neither have it nor have refused it."""
        done = [name for name, state in entry.recipients.items() if state.final]
        if self.sender.begin(entry.number, message, done):
            self.deliveries[entry.number] = Delivery(entry, self.failing, dict(entry.recipients))

    def finish(self, number: int, problem: str) -> Delivery:
        """The message is no longer on its way: settled, or waiting for its next attempt."""
        delivery = self.deliveries.pop(number)
        if problem:
            for name in self._pending(delivery.states, delivery.answered):
                delivery.add(name, DeliveryResult(Outcome.NO_ANSWER, problem))
        self._note_service(number, delivery)
        if self._pending(delivery.states):
            attempts = self._retries[number].attempts + 1 if number in self._retries else 1
            self._retries[number] = _Retry(attempts, self._clock.monotonic() + self._pause(attempts, delivery))
        else:
            self._retries.pop(number, None)
            self.settled.add(number)
        return delivery

    def forget(self, number: int) -> None:
        """The message does not wait any more."""
        self.settled.discard(number)
        self._retries.pop(number, None)
        self._without_answer.discard(number)

    def seconds_left(self) -> float:
        """Seconds until one more message may be due, or a process counts as hanging.

        What is due already and was not begun waits for something else: a place, a permit, or a message to send.
        """
        pauses: list[float] = []
        if self.failing and not self.deliveries:
            pauses = [self._backoff.seconds_left()]
        elif self.has_room():
            now = self._clock.monotonic()
            pauses = [retry.due - now for number, retry in self._retries.items() if number not in self.deliveries]
        return min([self.sender.seconds_left(), *(pause for pause in pauses if pause > 0)])

    def _free(self, waiting: Iterable[Queued]) -> Iterator[Queued]:
        """Those that are not on their way or settled, and about no place of which a message is on its way."""
        oldest: dict[str, int] = {}
        if self._ordered:
            waiting = list(waiting)
            oldest = self._oldest(waiting)
        busy = {place for delivery in self.deliveries.values() for place in delivery.entry.places}
        for queued in waiting:
            through = queued.number in self.settled or queued.number in self.deliveries
            if any(oldest.get(place, queued.number) < queued.number for place in queued.places):
                continue
            if not through and busy.isdisjoint(queued.places) and self._allows(queued):
                yield queued

    def _oldest(self, waiting: Iterable[Queued]) -> dict[str, int]:
        """The oldest message about each place that is not settled here."""
        oldest: dict[str, int] = {}
        for queued in waiting:
            if queued.number not in self.settled:
                oldest |= {place: min(queued.number, oldest.get(place, queued.number)) for place in queued.places}
        return oldest

    def _pending(self, states: Mapping[str, RecipientState], answered: Mapping[str, Outcome] = {}) -> list[str]:
        final = {name for name, state in states.items() if state.final}
        return [name for name in self.recipients if name not in final and name not in answered]

    def _pause(self, attempts: int, delivery: Delivery) -> float:
        """A refusal is not repeated soon, unless other recipients need the next attempt."""
        pending = {
            state.outcome for name, state in delivery.states.items() if name in self.recipients and not state.final
        }
        return REFUSED_PAUSE if pending == {Outcome.REFUSED} else self._pauses.pause(attempts - 1)

    def _note_service(self, number: int, delivery: Delivery) -> None:
        """What the attempt shows about the service: that it answers, or that it does not."""
        outcomes = set(delivery.answered.values())
        if Outcome.NO_ANSWER in outcomes:
            self._without_answer.add(number)
            if delivery.tries_service or not self.failing:
                self._backoff.failed()
        elif outcomes:
            self._backoff.reset()
            if len(self._without_answer) > 1:
                for other in self._without_answer:
                    self._retries.pop(other, None)
            self._without_answer.clear()
