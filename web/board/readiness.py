"""Why a patient's alert would not reach anybody now: what `/-/ready` answers, and what a person is notified about."""

from collections.abc import Iterator

from ward.clock import format_span
from ward.ids import printable
from ward.program_role import STANDBY, has_shares, missing_shares
from web.board import texts
from web.model.now import Now
from web.model.read_model import ReadModel

# Programs without which a patient's alert reaches nobody, and what is missing without them.
NEEDED = {
    "bridge": "no readings are received",
    "detectors": "readings are not checked",
    "alerts": "no new alert is shown or sent",
}
# Parts of these programs, and the log: a reported problem of one of these stops the work. History is not needed.
_NEEDED_PARTS = ("intake", "detectors", "alerts", "senders", "the log")
_LOG_STALE_AFTER = 10.0  # seconds


def not_ready(model: ReadModel, now: Now) -> list[str]:
    """All reasons, in words; empty when work flows."""
    if not model.ready:
        return [texts.STILL_READING()]
    if model.age > _LOG_STALE_AFTER:
        return [texts.LOG_STALE(span=format_span(model.age))]
    return [reason for program in NEEDED for reason in not_working(model, program, now)]


def not_working(model: ReadModel, program: str, now: Now) -> Iterator[str]:
    """Why no instance of a needed program does its work; nothing when one does."""
    running = [heartbeat for heartbeat in model.health.current(now) if heartbeat.program == program]
    if not running:
        known = model.health.of(program)
        silent = texts.SILENT_FOR(span=format_span(known[-1].age(now))) if known else texts.SILENT_YET()
        yield texts.NOT_WORKING(program=program, why=silent, effect=NEEDED[program])
        return
    active = [heartbeat for heartbeat in running if heartbeat.role != STANDBY]
    if not active:
        yield texts.NOT_WORKING(program=program, why=texts.ALL_STANDBY(), effect=NEEDED[program])
        return
    if missing := missing_shares(one.role for one in active):
        which = ", ".join(map(str, missing))
        yield texts.NO_SHARE(program=program, which=which)
        return
    problems = [[text for text in one.problems if text.startswith(_NEEDED_PARTS)] for one in active]
    # A bridge with a share of the devices is the only one that receives them.
    failing = [found for found, one in zip(problems, active, strict=True) if found and has_shares(one.role)]
    if failing := failing or (problems if all(problems) else []):
        yield texts.NOT_WORKING(program=program, why=printable(failing[0][0], 200), effect=NEEDED[program])
