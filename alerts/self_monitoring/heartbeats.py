"""The pulses of all programs, as the alerts hear them: who lives, and what each says is wrong with it."""

import logging
from dataclasses import dataclass

from alerts.tracking.tracked_alert import Instant
from ward.clock import SECOND, Micros
from ward.errors import LogLost, LogUnavailable
from ward.ids import is_id, printable
from ward.metrics import Metrics
from ward.ports import Consumer, Log
from ward.topics import HEALTH
from ward.wire import HEALTH_WIRE, Health

log = logging.getLogger(__name__)

# The program that this is. Nobody can tell that he is dead himself: the ward screen does.
OURSELVES = "alerts"
# A pulse is told every 5 s: after four that did not come nobody lives there.
SILENT = 20 * SECOND
# Problem that is over by then is nobody's; and what has not been said for so long is no problem any more.
LASTING = 15 * SECOND
# An instance unheard of for so long is forgotten.
FORGOTTEN = 86_400 * SECOND
# Whoever did not listen for so long may have missed pulses that were told.
DEAF = 5 * SECOND
MOST = 500
MOST_AT_ONCE = 2000


@dataclass(slots=True)
class ProgramHealth:
    """One instance of a program. Instants are steady ones, but for those in `health` and `since`.

    `heard`: its last pulse. `begun`: since when it has had one without a pause. `said`: what was wrong with it when
    it last said so, at `ill`, and again and again since `fell`, which was `since` on the wall. `deaf`: it is ourselves,
    and hears nothing.
    """

    health: Health
    heard: Micros
    begun: Micros
    said: tuple[str, ...] = ()
    deaf: bool = False
    ill: Micros = -FORGOTTEN
    fell: Micros = 0
    since: Micros = 0

    def lives(self, now: Instant) -> bool:
        return now.steady - self.heard < SILENT

    def ails(self, now: Instant) -> bool:
        """Whether something is wrong with it for some time. A part that dies and is made anew says so now and then."""
        until = now.steady if self.ill == self.heard else self.ill
        return self.lives(now) and now.steady - self.ill < LASTING <= until - self.fell

    def well_for(self, now: Instant) -> Micros:
        """For how long it has lived, and said of nothing that it is wrong."""
        return now.steady - max(self.begun, self.ill) if self.lives(now) else 0


class HeartbeatMonitor:
    """Follows the topic of health from its beginning, which is short: it is compacted.

    The age of a pulse is measured from when it came, as clocks of machines differ. Only of what was in the log
    before we listened its own time is believed, and nothing is judged by that for `grace` seconds.
    """

    def __init__(self, log_: Log, metrics: Metrics, grace: float) -> None:
        self._log = log_
        self._metrics = metrics
        self._grace = round(grace * SECOND)
        self._consumer: Consumer | None = None
        self._lives: dict[tuple[str, str], ProgramHealth] = {}
        self._heard_since: Micros | None = None
        self._listened: Micros | None = None

    def listen(self, now: Instant) -> None:
        """Take what has come. While the log is away nothing does: then we are in problem ourselves."""
        paused = self._listened is not None and now.steady - self._listened > DEAF
        self._listened = now.steady
        try:
            more = self._take(now)
            problem = self._log.problem()
        except LogLost:  # compaction went past us: what is there now is newer
            self._leave()
            more, problem = True, ""
        except LogUnavailable as error:
            self._leave()
            more, problem = False, str(error)
        if problem:
            self._heard_since = None
        elif self._heard_since is None or more or (paused and self._grace):
            self._heard_since = now.steady
        self._know_ourselves(problem, now)
        self._forget(now)

    def sure(self, now: Instant) -> bool:
        """Whether we have listened for long enough to say of somebody that he says nothing."""
        return self._heard_since is not None and now.steady - self._heard_since >= self._grace

    def programs(self) -> dict[str, list[ProgramHealth]]:
        """All instances by program, the one heard last being the last."""
        found: dict[str, list[ProgramHealth]] = {}
        for (program, _), life in sorted(self._lives.items(), key=lambda item: (item[0][0], item[1].heard)):
            found.setdefault(program, []).append(life)
        return found

    def close(self) -> None:
        self._leave()

    def _take(self, now: Instant) -> bool:
        """Whether there may be more."""
        if self._consumer is None:
            self._consumer = self._log.follow([HEALTH])
        count = 0
        for batch in self._consumer.poll(MOST_AT_ONCE, 0):
            count += len(batch)
            newest = dict(zip(batch.keys, batch.values, strict=True))
            for health in HEALTH_WIRE.decode_many(list(newest.values())):
                if isinstance(health, Health) and is_id(health.program):
                    self._hear(health, now)
                else:
                    self._metrics.alerts_unreadable.inc()
        return count >= MOST_AT_ONCE

    def _hear(self, health: Health, now: Instant) -> None:
        key = health.program, health.instance
        life = self._lives.get(key)
        age = 0 if life is not None or self.sure(now) else max(0, now.wall - health.at)
        heard = now.steady - age
        if life is None or not life.lives(now):
            if life is None and len(self._lives) >= MOST:
                del self._lives[min(self._lives, key=lambda k: self._lives[k].heard)]
            life = self._lives[key] = ProgramHealth(health, heard, heard)
        life.health, life.heard = health, heard
        if health.problems:
            if heard - life.ill >= LASTING:
                life.fell, life.since = heard, health.at
            life.said, life.ill = tuple(printable(text, 200) for text in health.problems[:3]), heard

    def _know_ourselves(self, problem: str, now: Instant) -> None:
        """Our own life does not have to come through the log."""
        said = [f"the log is away: {problem}"] if problem else []
        self._hear(Health(program=OURSELVES, instance="", at=now.wall, started=0, config="", problems=said), now)
        self._lives[OURSELVES, ""].deaf = bool(problem)

    def _forget(self, now: Instant) -> None:
        for key in [key for key, life in self._lives.items() if now.steady - life.heard >= FORGOTTEN]:
            del self._lives[key]

    def _leave(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
