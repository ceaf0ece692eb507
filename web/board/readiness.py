"""Why a patient's alert would not reach anybody now: what `/-/ready` answers, and what a person is notified about."""

import re
from collections.abc import Iterable, Iterator

from ward.ids import printable
from web.model.now import Now
from web.model.read_model import ReadModel

# Programs without which a patient's alert reaches nobody, and what is missing without them.
NEEDED = {
    "bridge": "no readings are received",
    "detectors": "readings are not checked",
    "alerts": "nobody is notified",
}
# Parts of these programs, and the log: a reported problem of one of these stops the work. History is not needed.
_NEEDED_PARTS = ("intake", "detectors", "alerts", "senders", "the log")
STANDBY = "standby"  # the role of a process that works only when another one has ended
SHARE = "share"  # the role of one of several bridges begins with this: each has devices of its own
_SHARES = re.compile(r"shares? (?P<mine>[\d, ]+) of (?P<count>\d+)")
_LOG_STALE_AFTER = 10.0  # seconds


def not_ready(model: ReadModel, now: Now) -> list[str]:
    """All reasons, in words; empty when work flows."""
    if not model.ready:
        return ["still reading the log and the store"]
    if model.age > _LOG_STALE_AFTER:
        return [f"the log was last followed {model.age:.0f} s ago"]
    return [reason for program in NEEDED for reason in not_working(model, program, now)]


def not_working(model: ReadModel, program: str, now: Now) -> Iterator[str]:
    """Why no instance of a needed program does its work; nothing when one does."""
    running = [heartbeat for heartbeat in model.health.current(now) if heartbeat.program == program]
    if not running:
        known = model.health.of(program)
        silent = f"no heartbeat for {known[-1].age(now):.0f} s" if known else "no heartbeat yet"
        yield f"{program}: {silent}, so {NEEDED[program]}"
        return
    active = [heartbeat for heartbeat in running if heartbeat.role != STANDBY]
    if not active:
        yield f"{program}: each process is a standby, none is active yet, so {NEEDED[program]}"
        return
    if missing := _missing_shares(one.role for one in active):
        yield f"{program}: no process has share {missing} of the devices, so none of their readings are received"
        return
    problems = [[text for text in one.problems if text.startswith(_NEEDED_PARTS)] for one in active]
    # A bridge with a share of the devices is the only one that receives them.
    failing = [texts for texts, one in zip(problems, active, strict=True) if texts and one.role.startswith(SHARE)]
    if failing := failing or (problems if all(problems) else []):
        yield f"{program}: {printable(failing[0][0], 200)}, so {NEEDED[program]}"


def _missing_shares(roles: Iterable[str]) -> str:
    """The shares of the devices that none of these roles has, as `2, 3`."""
    found = [known for role in roles if (known := _SHARES.fullmatch(role))]
    had = {int(number) for known in found for number in known["mine"].split(",")}
    count = max((int(known["count"]) for known in found), default=0)
    return ", ".join(str(number) for number in range(1, count + 1) if number not in had)
