"""Asks for the mail of each ward's handover when a shift ends, and once a week for that of the alarm load."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from ward.action import Action
from ward.clock import SECOND, Clock, Micros
from ward.config.live_config import LiveConfig
from ward.config.mute_time import WEEKDAYS
from ward.config.shift import ShiftSpan, shift_before, weekly_instant
from ward.errors import LogUnavailable, WardwatchError
from ward.ids import digest, printable
from ward.periodic import Periodic
from ward.ports import Log, Store
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.model.now import Now
from web.model.read_model import ReadModel
from web.reports.alarm_load import WEEK, LoadSpan, alarm_load
from web.reports.alarm_load_text import alarm_load_mail
from web.reports.handover import HandoverSpan, handover, handover_subject
from web.reports.handover_mail import handover_mail
from web.reports.links import alarm_load_link, handover_link
from web.reports.mail_request import WARDWATCH, report_action
from web.reports.recorded import recorded
from web.reports.shift_history import ShiftHistory, read_history, without_store

log = logging.getLogger(__name__)

EVERY = 5.0
# A program that starts so long after the change of shift still asks for its mail.
LATEST = 3600 * SECOND
LATEST_LOAD = 24 * 3600 * SECOND
# Seconds to wait for the log to be confirmed.
_DURABLE_WITHIN = 5.0


class ReportMailer:
    """A part of `web`. Several may run: the id of the action follows from ward and shift, so `alerts` takes one.

    It waits until the log has been read to its end: a report on half of it would say that nothing is open. A store that
    does not answer does not delay it: the mail says what is missing. Of a time before the first start there is no mail.
    """

    def __init__(self, store: Store, log_: Log, live: LiveConfig, model: ReadModel, clock: Clock) -> None:
        self._store = store
        self._log = log_
        self._live = live
        self._model = model
        self._clock = clock
        self._period = Periodic(clock, EVERY)
        self._before_us: set[str] = set()  # ids of reports on a time of which nothing is recorded

    def step(self, wait: float) -> int:
        """Returns how many mails were asked for."""
        if not self._period.wait(wait) or not self._model.ready or self._model.age > EVERY * 2:
            return 0
        asked = 0
        try:
            for make in self._reports(self._clock.now()):
                asked += self._asked(make)
        except LogUnavailable as error:  # the next step tries again
            log.warning("no report can be mailed yet: %s", printable(str(error)))
        return asked

    def close(self) -> None:
        """Nothing to release."""

    def _reports(self, now: Micros) -> Iterator[Callable[[], Action | None]]:
        """What makes the request for each report; None where none is due."""
        yield from (partial(self._handover, ward, span) for ward, span in self._due(now))
        yield partial(self._alarm_load, now)

    def _asked(self, make: Callable[[], Action | None]) -> int:
        """Whether one report was asked for. What the store or the log refuses for one costs no other."""
        try:
            action = make()
            return self._ask(action) if action else 0
        except LogUnavailable:
            raise
        except (WardwatchError, ValueError) as error:  # the next step tries again
            log.warning("a report is not mailed yet: %s", printable(str(error)))
            return 0

    def _alarm_load(self, now: Micros) -> Action | None:
        """The weekly report, once its instant has come. Without the store there is none: it is asked for again."""
        config = self._live.config
        settings, zone = config.alerting.alarm_load, config.alerting.timezone
        end = weekly_instant(WEEKDAYS.index(settings.weekday), settings.at, zone, now)
        id_ = digest("alarm load", end)
        with self._model.lock:
            known = self._model.reports.has(id_)
        if not settings.receivers or known or now - end > LATEST_LOAD or id_ in self._before_us:
            return None
        if not recorded(self._store, end - WEEK, end):
            self._before_us.add(id_)
            return None
        load = alarm_load(self._store, config, LoadSpan(end - WEEK, end), now)
        mail = alarm_load_mail(load, zone, now, alarm_load_link(config.alerting, load))
        return report_action(id_, "alarm load", WARDWATCH, settings.receivers, mail, now)

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
        yield from ((ward, span) for ward in due if self._at_work(ward, span))

    def _at_work(self, ward: str, span: ShiftSpan) -> bool:
        """Whether anything is recorded of the ward in the shift; without an answer of the store, yes."""
        id_ = _id(ward, span)
        if id_ in self._before_us:
            return False
        try:
            found = recorded(self._store, span.start, span.end, ward)
        except WardwatchError:
            return True
        if not found:
            self._before_us.add(id_)
        return found

    def _handover(self, ward: str, shift: ShiftSpan) -> Action:
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

    def _ask(self, action: Action) -> int:
        if not self._log.send(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))]).acked(_DURABLE_WITHIN):
            raise LogUnavailable(f"not confirmed within {_DURABLE_WITHIN:g} s")
        with self._model.lock:
            self._model.reports.apply(action)
        receivers = ", ".join(action.report.receivers if action.report else ())
        log.info("mail with the %s to %s is asked for", action.subject, receivers)
        return 1


def _id(ward: str, span: ShiftSpan) -> str:
    return digest("handover", ward, span.start, span.end)
