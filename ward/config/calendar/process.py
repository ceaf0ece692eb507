"""Reads a calendar in a process of its own, which is ended where a file keeps it busy: an RRULE may have no end.

`python -m ward.config.calendar.process ZONE START END` reads a file from its standard input.
"""

import logging
import os
import resource
import subprocess
import sys

import msgspec

from ward.clock import Micros
from ward.config.calendar.expansion import CalendarNote, Expansion
from ward.config.calendar.unreadable import UnreadableCalendar

log = logging.getLogger(__name__)

WITHIN = 20.0  # seconds, on a machine that is busy with other things
_CPU_SECONDS, _MOST_MEMORY = 10, 1 << 30
_ANSWER = msgspec.json.Decoder(tuple[Expansion, CalendarNote | None])


def expand_apart(content: bytes, zone: str, start: Micros, end: Micros, within: float = WITHIN) -> Expansion:
    """As `expand`, in bounded time and memory. Raises `UnreadableCalendar`."""
    command = [sys.executable, "-m", __name__, zone, str(start), str(end)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=within, check=True)  # noqa: S603
        expansion, error = _ANSWER.decode(done.stdout)
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
        log.debug("%s", error)
        raise UnreadableCalendar(1, f"takes more than {_CPU_SECONDS} s to read, or too much memory") from None
    if error is not None:
        raise UnreadableCalendar(error.line, error.words)
    return expansion


def _serve(zone: str, start: str, end: str) -> None:
    from ward.config.calendar.events import expand  # its libraries are of this process alone

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    os.nice(10)
    error = None
    try:
        expansion = expand(sys.stdin.buffer.read(), zone, int(start), int(end))
    except UnreadableCalendar as unreadable:
        expansion, error = Expansion(), CalendarNote(unreadable.line, unreadable.words)
    sys.stdout.buffer.write(msgspec.json.encode((expansion, error)))


if __name__ == "__main__":
    _serve(*sys.argv[1:])
