"""One of several processes handles the alerts: the active one. The others follow it, and one of them succeeds it.

ownership held ▸ older producers fenced ▸ state followed to its end ▸ active: pipeline and senders
          lost ▸ standby: the rows of the topic `ward.alerts-state` into the file here
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

from alerts.delivery.send_permit import UNLIMITED, SendPermit
from alerts.log_publisher import LogPublisher
from alerts.pipeline import Pipeline
from alerts.ports.replica import ReplicaStore
from ward.clock import Clock
from ward.errors import LogUnavailable, ProducerFenced
from ward.ids import printable
from ward.periodic import Periodic
from ward.ports import Log, Ownership, Partition, TransactionalProducer
from ward.program_role import ACTIVE, STANDBY
from ward.topics import ALERTS_STATE

log = logging.getLogger(__name__)

NAME = "alerts"
STATE = Partition(ALERTS_STATE, 0)
# Where the log neither confirms nor denies that this is the active one, it sends nothing for so many seconds, in which
# a successor would show itself, and then goes on: a notification too many is better than none.
ALONE_AFTER = 15.0
ATTEMPT_EVERY = 5.0
# After a longer pause between two steps this process was frozen.
_FROZEN = 25.0
# At the end: seconds for the results of messages that are being sent, and for the last step to be in the log.
_RESULTS_WITHIN, _PUBLISHED_WITHIN = 2.0, 1.0

# Seconds between two steps while messages are being sent.
_WHILE_SENDING = 0.02

# The store in this process's folder, and the pipeline on a store with a publisher.
OpenStore = Callable[[], ReplicaStore]
MakePipeline = Callable[[ReplicaStore, LogPublisher], Pipeline]


class Failover:
    """A part: the pipeline while this process is the active one, else its standby. `role` is for people.

    A process that was frozen believes that it is the active one. Three things stop it: senders have a permit that has
    run out, Kafka fences its producer, and its file is given up for that of its successor.
    """

    def __init__(
        self, log_: Log, open_store: OpenStore, pipeline: MakePipeline, permit: SendPermit, clock: Clock,
    ) -> None:  # fmt: skip
        self._log = log_
        self._open_store = open_store
        self._make_pipeline = pipeline
        self._permit = permit
        self._clock = clock
        self._ownership: Ownership | None = None
        self._store = open_store()
        self._position = 0
        self._owner = ""
        self._pipeline: Pipeline | None = None
        self._producer: TransactionalProducer | None = None
        self._publisher: LogPublisher | None = None
        self._sure = False
        self._unsure_since = self._last_step = 0.0
        self._attempt = Periodic(clock, ATTEMPT_EVERY)
        self._failed_attempts = 0
        self._problem = ""
        self._idle = threading.Event()
        self._begin_as_standby()

    def role(self) -> str:
        """`active` or `standby`. Any thread may call this."""
        return STANDBY if self._pipeline is None else ACTIVE

    def problem(self) -> str:
        """Why a standby could not take over now; empty when it could. Any thread may call this."""
        return self._problem

    def step(self, wait: float) -> int:
        """One step of the pipeline, or of following it."""
        certain = self._ask(wait)
        try:
            if self._pipeline is not None:
                return self._active_step(self._pipeline, certain, wait)
            self._standby_step(certain)
            return 0
        except ProducerFenced as error:
            self._step_down(str(error))
            return 0

    def close(self) -> None:
        """Hand over: a standby may go on within a second or two."""
        self._permit.suspend()
        if not self._permit.wait_until_idle(_RESULTS_WITHIN):
            log.warning("a message is still being sent; the next active process sends it again")
        if self._pipeline is not None and self._publisher is not None:
            try:
                if not self._publisher.finish(_PUBLISHED_WITHIN):
                    log.warning("the last step is not in the log; the next active process repeats it")
            except ProducerFenced as error:
                log.warning("another process is the active one already: %s", error)
        if self._pipeline is None:
            self._store.close()
        self._close_pipeline()
        if self._ownership is not None:
            self._ownership.close()

    def _ask(self, wait: float) -> bool:
        """Whether it is certain that no other process is the active one."""
        try:
            self._ownership = self._ownership or self._log.ownership(NAME)
            self._ownership.poll(wait if self._pipeline is None else 0)
        except LogUnavailable as error:
            log.debug("the log does not say which process is the active one: %s", error)
            self._idle.wait(wait)
            return False
        return bool(self._ownership.held) and self._clock.monotonic() < self._ownership.certain_until

    def _standby_step(self, certain: bool) -> None:
        try:
            self._follow()
            if certain:
                self._activate()
            self._problem = ""
        except LogUnavailable as error:
            self._problem = f"the standby cannot follow the active process: {printable(str(error), 200)}"

    def _active_step(self, pipeline: Pipeline, certain: bool, wait: float) -> int:
        now = self._clock.monotonic()
        if self._sure or now - self._last_step > _FROZEN:
            self._unsure_since, self._failed_attempts = now, 0
        self._last_step = now
        if not (certain and self._sure) and self._succeeded(at_once=certain):
            return 0
        self._sure = certain and self._failed_attempts == 0
        if self._sure and self._ownership is not None:
            self._permit.extend(self._ownership.certain_until)
        elif not self._go_on_alone(now):
            self._idle.wait(wait)
            return 0
        # What was sent goes into the log soon: a successor would send it again.
        return pipeline.step(_WHILE_SENDING if self._permit.busy else wait)

    def _succeeded(self, *, at_once: bool) -> bool:
        """Whether another process has taken over; then this one steps down. It looks now and then, or `at_once`."""
        if at_once or self._attempt.due():
            try:
                for keys, values in self._scan():
                    self._note_owner(keys, values)
                self._failed_attempts = 0
            except LogUnavailable:
                self._failed_attempts += 1
        if self._owner == self._store.file_id:
            return False
        self._step_down("another process has taken over")
        return True

    def _go_on_alone(self, now: float) -> bool:
        """Whether to go on without a confirmation. Without the log no other process can be the active one."""
        if now - self._unsure_since < ALONE_AFTER or self._failed_attempts == 1:
            return False
        self._permit.extend(now + ATTEMPT_EVERY)
        if self._failed_attempts:
            self._permit.published(UNLIMITED)
        return True

    def _activate(self) -> None:
        """Fence the one before, follow to the end of what it did, and go on from there."""
        self._producer = self._log.transactions(NAME)
        self._follow()
        self._store.take_over(whole=self._store.was_active and self._owner != self._store.file_id)
        self._owner = self._store.file_id
        self._publisher = LogPublisher(self._log, self._store, self._producer, self._permit.published)
        self._permit.published(0)
        self._pipeline = self._make_pipeline(self._store, self._publisher)
        self._sure, self._last_step = True, self._clock.monotonic()
        log.warning("active: this process handles the alerts now")

    def _step_down(self, why: str) -> None:
        self._permit.revoke()
        self._close_pipeline()
        self._store = self._open_store()
        log.warning("this process does not handle the alerts any more: %s", why)
        self._begin_as_standby()

    def _close_pipeline(self) -> None:
        """Close the pipeline, which closes the store."""
        if self._pipeline is not None:
            self._pipeline.close()
        if self._producer is not None:
            self._producer.close()
        self._pipeline = self._producer = self._publisher = None

    def _begin_as_standby(self) -> None:
        """A file that only followed is behind by an unknown time, in which deleted rows were forgotten: begin anew."""
        if not self._store.was_active:
            self._store.clear()
        self._position, self._owner = 0, ""
        log.warning("standby: this process handles the alerts as soon as the log says that no other one does")

    def _follow(self) -> None:
        """Take what the active one has done since into the store here, up to the end."""
        if self._store.was_active:
            for keys, values in self._scan():
                self._note_owner(keys, values)
            if self._owner in ("", self._store.file_id):
                return
            log.warning("another process was the active one meanwhile: the state here is replaced by its state")
            self._store.clear()
            self._position = 0
        for keys, values in self._scan():
            self._note_owner(keys, values)
            self._store.apply(keys, values)

    def _note_owner(self, keys: Sequence[str], values: Sequence[bytes]) -> None:
        self._owner = self._store.owner(keys, values) or self._owner

    def _scan(self) -> Iterator[tuple[Sequence[str], Sequence[bytes]]]:
        for batch in self._log.scan(STATE, self._position):
            yield batch.keys, batch.values
            self._position = batch.offsets[-1] + 1
