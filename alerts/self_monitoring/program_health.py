"""How one instance of a program is, by its heartbeats."""

from dataclasses import dataclass

from alerts.model.now import Now
from ward.clock import SECOND, Micros
from ward.wire import Heartbeat

# A program sends a heartbeat every 5 s: after four missing ones it counts as down.
DOWN_AFTER = 20 * SECOND
# A problem shorter than this raises no alert, and one not reported for so long is over.
MIN_PROBLEM_TIME = 15 * SECOND
# An instance without heartbeat for so long is forgotten.
FORGOTTEN_AFTER = 86_400 * SECOND


@dataclass(slots=True)
class ProgramHealth:
    """One instance of a program. Times are steady ones, except those in `health` and `problem_since_wall`.

    `last_heartbeat`: when the newest heartbeat came. `up_since`: since when heartbeats have come without a gap.
    `problems`: what the instance reported last as wrong, at `last_problem`, and repeatedly since `problem_since`, which
    was `problem_since_wall` on the wall clock. `without_log`: it is the alerts' own program, and cannot read the log.
    """

    health: Heartbeat
    last_heartbeat: Micros
    up_since: Micros
    problems: tuple[str, ...] = ()
    without_log: bool = False
    last_problem: Micros = -FORGOTTEN_AFTER
    problem_since: Micros = 0
    problem_since_wall: Micros = 0

    def is_up(self, now: Now) -> bool:
        """Whether its newest heartbeat is less than `DOWN_AFTER` old."""
        return now.steady - self.last_heartbeat < DOWN_AFTER

    def has_problem(self, now: Now) -> bool:
        """Whether it has reported a problem for `MIN_PROBLEM_TIME`. A part that dies and is started again reports now
        and then.

        A program without heartbeat has none: that is another alert.
        """
        until = now.steady if self.last_problem == self.last_heartbeat else self.last_problem
        recent = now.steady - self.last_problem < MIN_PROBLEM_TIME
        return self.is_up(now) and recent and until - self.problem_since >= MIN_PROBLEM_TIME

    def healthy_for(self, now: Now) -> Micros:
        """For how long it has been up without a problem; 0 when it is not up."""
        return now.steady - max(self.up_since, self.last_problem) if self.is_up(now) else 0
