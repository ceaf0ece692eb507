"""Asks for the mail of each ward's handover when a shift ends."""

import logging
from collections.abc import Iterator

from ward.action import Action
from ward.clock import SECOND, Clock, Micros
from ward.config.live_config import LiveConfig
from ward.config.shift import ShiftSpan, shift_before
from ward.errors import LogUnavailable, WardwatchError
from ward.ids import digest, printable
from ward.periodic import Periodic
from ward.ports import Log, Store
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.model.now import Now
from web.model.read_model import ReadModel
from web.reports.handover import HandoverSpan, handover, handover_subject
from web.reports.handover_mail import handover_mail
from web.reports.links import handover_link
from web.reports.mail_request import WARDWATCH, report_action
from web.reports.shift_history import ShiftHistory, read_history, without_store

log = logging.getLogger(__name__)

EVERY = 5.0
# A program that starts so long after the change of shift still asks for its mail.
LATEST = 3600 * SECOND
# Seconds to wait for the log to be confirmed.
_DURABLE_WITHIN = 5.0


class ReportMailer:
    """A part of `web`. Several may run: the id of the action follows from ward and shift, so `alerts` takes one.

    It waits until the log has been read to its end: a report on half of it would say that nothing is open. A store that
    does not answer does not delay it: the mail says what is missing.
    """

    def __init__(self, store: Store, log_: Log, live: LiveConfig, model: ReadModel, clock: Clock) -> None:
        self._store = store
        self._log = log_
        self._live = live
        self._model = model
        self._clock = clock
        self._period = Periodic(clock, EVERY)

    def step(self, wait: float) -> int:
        """Returns how many mails were asked for."""
        if not self._period.wait(wait) or not self._model.ready or self._model.age > EVERY * 2:
            return 0
        done = 0
        for ward, span in self._due(self._clock.now()):
            try:
                self._ask(self._action(ward, span))
            except LogUnavailable as error:  # the next step tries again
                log.warning("the handover of ward %s is not mailed yet: %s", ward, printable(str(error)))
                break
            done += 1
        return done

    def close(self) -> None:
        """Nothing to release."""

    def _due(self, now: Micros) -> Iterator[tuple[str, ShiftSpan]]:
        """Each ward with beds whose last shift has no mail yet."""
        alerting, inventory = self._live.config.alerting, self._live.config.inventory
        if not alerting.handover.receivers:
            return
        span = shift_before(alerting.handover.shifts, alerting.timezone, now)
        if now - span.end > LATEST:
            return
        wards = {bed.ward for bed in inventory.beds.values()}
        with self._model.lock:
            due = [ward for ward in inventory.wards if ward in wards and not self._model.reports.has(_id(ward, span))]
        yield from ((ward, span) for ward in due)

    def _action(self, ward: str, shift: ShiftSpan) -> Action:
        alerting, now = self._live.config.alerting, self._clock.now()
        history = self._history(ward, shift, now)
        with self._model.lock:
            span = HandoverSpan(shift.start, shift.end, shift.name)
            report = handover(self._model, ward, span, history, Now.of(self._clock))
        mail = handover_mail(report, alerting.timezone, now, handover_link(alerting, report))
        receivers = alerting.handover.receivers
        return report_action(_id(ward, shift), handover_subject(ward, span), WARDWATCH, receivers, mail, now)

    def _history(self, ward: str, span: ShiftSpan, now: Micros) -> ShiftHistory:
        try:
            return read_history(self._store, ward, span.start, span.end, now)
        except WardwatchError as error:
            return ShiftHistory((), without_store(str(error)))

    def _ask(self, action: Action) -> None:
        if not self._log.send(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))]).acked(_DURABLE_WITHIN):
            raise LogUnavailable(f"not durable within {_DURABLE_WITHIN:g} s")
        with self._model.lock:
            self._model.reports.apply(action)
        log.info("the %s is mailed to %s", action.subject, ", ".join(action.report.receivers if action.report else ()))


def _id(ward: str, span: ShiftSpan) -> str:
    return digest("handover", ward, span.start, span.end)
