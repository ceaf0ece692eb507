"""A report as a mail in plain text."""

from collections.abc import Iterable
from typing import NamedTuple

# Characters of a mail; what is beyond is on the page, and the mail says so.
_LONGEST = 200_000


class MailText(NamedTuple):
    """Subject and body, and one line for channels that have no room for more."""

    subject: str
    body: str
    short: str


def joined(lines: Iterable[str], link: str) -> str:
    """All lines, as far as there is room for them, and the link."""
    kept, room = [], _LONGEST
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept += ["", "THIS MAIL IS TOO LONG: the rest is on the page."]
            break
        kept.append(line)
    return "\n".join([*kept, "", f"The page: {link}"])
