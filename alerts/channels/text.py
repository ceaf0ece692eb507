"""Text as a channel may send it: no control characters, none that change the direction of writing."""

import re

# In a body, line breaks and tabs stay.
_IN_SUBJECT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_IN_BODY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def in_subject(text: str) -> str:
    """One line."""
    return _IN_SUBJECT.sub(" ", text).strip()


def in_body(text: str, key: str) -> str:
    """The lines of a body, and the key of the message below them."""
    body = _IN_BODY.sub(" ", text.replace("\r\n", "\n"))
    return f"{body}\n\nkey: {in_subject(key)}"
