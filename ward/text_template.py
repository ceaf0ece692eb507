"""The texts that people read: each is made from a template, and docs/texts.md has all of them."""

import re
from enum import StrEnum
from functools import cached_property


class TextKind(StrEnum):
    """What a text is; its value is where people read it."""

    ALERT = (
        "the text of an alert: after priority and place in mail, chat and SMS, on the bed's tile, in lists and history"
    )
    ENDING = "what is true when an alert has ended by its values: first in the message of the end, and in history"
    CLOSING = "how an alert ended otherwise: first in the message of the end, and in history"
    NOTE = "a part of a text of an alert or of its message"
    SYSTEM = "the text of an alert about Wardwatch itself: in mail, chat and SMS, in lists and history"
    MESSAGE = "a line of a message: mail, chat or SMS"
    REPORT = "a text of a handover or of an alarm load: on its page, in its mail and in print; {} stands for a value"
    SCREEN = "what the screen's pages have, and their scripts add in the browser; {} stands for a value"
    BANNER = "a line over every screen"
    REASON = "why a message was sent or not: below an alert on the screen, in lists and in the API"
    EFFECT = "the answer to a request that was taken: on the screen, at the command line, in the API"
    REFUSAL = (
        "the answer to a request that changes nothing: in the dialog of the screen, at the command line, in the API"
    )


class TextTemplate:
    """A text with named fields, and an example of each.

    >>> text = TextTemplate(TextKind.ALERT, "{signal} signal back after {span}", signal="SpO2", span="90 s")
    >>> text(signal="Heart rate", span="3 min")
    'Heart rate signal back after 3 min'
    >>> text.example
    'SpO2 signal back after 90 s'
    """

    def __init__(self, kind: TextKind, text: str, /, **example: str) -> None:
        self.kind = kind
        self.text = text
        self.fields = example

    def __call__(self, /, **fields: object) -> str:
        """The text with these fields. Raises `KeyError` for one that is missing."""
        return self.text.format_map(fields)

    @property
    def example(self) -> str:
        """The text with the example of each field."""
        return self(**self.fields)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the whole of any text made from this template."""
        parts = re.split(r"\{\w+\}", self.text)
        return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
