"""Notifies people when `alerts` does no work: what it cannot report itself.

A part of `web`. It is no second alert engine: one message on the channels of the alert `program-silent`, and one when
`alerts` works again. That a message was sent is in a metric of this process, and so in its heartbeat in the log: other
instances of `web` and the next start read it there.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

from alerts.delivery.channel_urls import channel_urls
from alerts.routing.route_tree import matching_routes, receiver_of
from alerts.text import texts
from app.runtime.direct_message import DirectMessage
from ward.clock import SECOND, Clock
from ward.config.live_config import LiveConfig
from ward.config.schedules import recipients
from ward.ids import printable
from ward.local_time import local_time
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.wire import Heartbeat
from web.board.readiness import not_working
from web.model.now import Now
from web.model.read_model import ReadModel

log = logging.getLogger(__name__)

PROGRAM = "alerts"
# Seconds for which `alerts` must do no work: a restart or a hand-over to another instance takes less.
NOTIFY_AFTER = 30.0
# Seconds between the first and the next instance of `web` to notify: by then the first one's heartbeat says so.
APART = 15.0
# In the heartbeat of an instance whose message nobody has: who succeeds that one sends it again.
_NOWHERE = "delivered nowhere yet"
NOTIFIED = "wardwatch_alerts_down_notified_timestamp_seconds"
LABELS = {"alertname": "program-silent", "program": PROGRAM, "severity": "high", "kind": "technical"}

# URLs by name, subject, text → a message that is being sent.
MakeMessage = Callable[[Mapping[str, str], str, str, Clock], DirectMessage]


class AlertsWatch:
    """A part: looks once a second. `instance` is the name of this process in its heartbeats."""

    def __init__(
        self, model: ReadModel, live: LiveConfig, clock: Clock, metrics: Metrics, instance: str,
        message: MakeMessage = DirectMessage,
    ) -> None:  # fmt: skip
        self._model = model
        self._live = live
        self._clock = clock
        self._metric = metrics.alerts_down_notified
        self._instance = instance
        self._make_message = message
        self._period = Periodic(clock, 1.0)
        self._working = True
        self._since = clock.monotonic()  # since when that is so
        self._notified_at = 0.0  # seconds since 1970; 0 when this process has not notified
        self._taken_over = 0  # the last heartbeat of the instance whose message this one has taken over
        self._message: DirectMessage | None = None

    def step(self, wait: float) -> int:
        """Returns 1 when a message began."""
        if not self._period.wait(wait):
            return 0
        if self._message is not None:
            self._message.step()
        now = Now.of(self._clock)
        with self._model.lock:
            if not self._model.ready or "log" in self._model.problems:
                self._since = now.monotonic  # nothing is known of `alerts`; `alerts` itself reports the log
                return 0
            reasons = list(not_working(self._model, PROGRAM, now))
            if not self._lasts(not reasons, now):
                return 0
            notified = self._notified_at > 0 or self._others_notified(now)
        if bool(reasons) is notified:
            return 0
        if reasons:
            self._report_down(reasons[0], now)
        else:
            self._report_back(now)
        return 1

    def problem(self) -> str:
        """A message that is not delivered everywhere yet."""
        if self._message is None or not self._message.waiting:
            return ""
        begin = "not delivered" if self._message.reached else _NOWHERE
        return f"alerts-watch: {begin} on {', '.join(self._message.waiting)}: {self._message.subject}"

    def close(self) -> None:
        if self._message is not None:
            self._message.close()

    def _lasts(self, working: bool, now: Now) -> bool:
        """Whether `alerts` has worked, or not, for long enough. Each further instance of `web` waits longer."""
        if working is not self._working:
            self._working, self._since = working, now.monotonic
        webs = sorted(one.instance for one in self._webs(now))
        rank = webs.index(self._instance) if self._instance in webs else 0
        return now.monotonic - self._since >= NOTIFY_AFTER + APART * rank

    def _others_notified(self, now: Now) -> bool:
        """Whether another instance has notified. What the last one left behind becomes this one's: it says the end."""
        up = self._webs(now)
        if any(one.numbers.get(NOTIFIED) for one in up if one.instance != self._instance):
            return not self._working
        gone = [web.heartbeat for web in self._model.health.of("web") if web.heartbeat not in up]
        last = max(gone, key=lambda heartbeat: heartbeat.at, default=None)
        if last is not None and last.at > self._taken_over and last.instance != self._instance:
            self._taken_over = last.at
            reached = not any(_NOWHERE in text for text in last.problems)
            self._remember(last.numbers.get(NOTIFIED, 0.0) if reached else 0.0)
        return self._notified_at > 0

    def _webs(self, now: Now) -> Sequence[Heartbeat]:
        return [one for one in self._model.health.current(now) if one.program == "web"]

    def _remember(self, at: float) -> None:
        self._notified_at = at
        self._metric.set(at)

    def _report_down(self, reason: str, now: Now) -> None:
        self._begin(
            texts.NO_ALERTS_RAISED(), texts.NO_ALERTS_BODY(time=self._local(now.wall), why=printable(reason, 300))
        )
        self._remember(now.wall / SECOND)

    def _report_back(self, now: Now) -> None:
        since = self._local(round(self._notified_at * SECOND))
        self._begin(texts.ALERTS_BACK(), texts.ALERTS_BACK_BODY(time=self._local(now.wall), since=since))
        self._remember(0.0)

    def _begin(self, subject: str, text: str) -> None:
        self.close()
        channels = self._channels()
        log.error("%s (on %s)", subject, ", ".join(channels) or "no channel: none of the config has an address")
        self._message = self._make_message(channels, subject, text, self._clock)
        self._message.step()

    def _channels(self) -> Mapping[str, str]:
        """The URLs of those channels that an alert about a silent `alerts` goes to by the routes of the config."""
        alerting = self._live.config.alerting
        receivers = [receiver_of(alerting, options.receiver) for options in matching_routes(alerting.route, LABELS)]
        now = self._clock.now()
        names = {name for found in receivers for person in recipients(alerting, found, now) for name in person.channels}
        channels = [c for c in alerting.channels if c.name in names and c.has_url]
        return {f"{c.name}, address {n}": url for c in channels for n, url in enumerate(channel_urls(c), 1)}

    def _local(self, at: int) -> str:
        return local_time(at, self._live.config.alerting.timezone, self._clock.now())
