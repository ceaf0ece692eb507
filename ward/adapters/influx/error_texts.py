"""Texts for errors of InfluxDB that say what to do, followed by InfluxDB's own text."""

from ward.ids import printable

_MOST_SHOWN = 300  # characters of InfluxDB's own text in a message
_BY_STATUS = {
    401: "the token is invalid: check that it is of this server and not expired; a new one in its file is used at once",
    403: "the token may not do this: `wardwatch influx apply` makes one that may",
    404: "the bucket is not there: `wardwatch influx apply` makes it",
    429: "it is overloaded",
    503: "it is not ready",
}
# The first that is contained in InfluxDB's text. A status of 500 can mean anything.
_BY_WORDS = {
    "cache-max-memory-size": "it is full: what it has not written to its disk yet fills its memory",
    "no space left": "it is full: no space is left on its disk",
    "disk quota": "it is full: its disk's quota is used up",
    "read-only file system": "it is read-only: its disk cannot be written",
    "retention policy not found": "the policy is not there: `wardwatch influx apply` makes it",
    "database not found": "the database is not there, or the token may not read it",
    "bucket not found": "the bucket is not there: `wardwatch influx apply` makes it",
    # InfluxQL of 2.x, about a bucket that is gone.
    "default retention policy not set": "the bucket is not there: `wardwatch influx apply` makes it",
    "organization name": "there is no such organisation, or the token may not see it: check org= in the address",
    "organization not found": "there is no such organisation, or the token may not see it: check org= in the address",
    "timeout": "it is slow: it gave up on this by itself",
}
_BY_CAUSE = {
    "NewConnectionError": "nothing listens at this address",
    "NameResolutionError": "there is no machine of that name",
    "ConnectTimeoutError": "the machine does not answer",
    "ReadTimeoutError": "it is slow or hangs",
    "ProtocolError": "it ended the connection",
    "SSLError": "its certificate is not trusted",
}


def status_text(status: int, why: str) -> str:
    """The text for an answer with an error status. `why` is InfluxDB's own text, whole: the cause may be at its end."""
    known = message_text(why) or _BY_STATUS.get(status, "")
    return ": ".join(filter(None, (known, printable(why, _MOST_SHOWN)))) or "is that InfluxDB?"


def message_text(why: str) -> str:
    """The meaning of an error text, of any status; empty when it is unknown."""
    return next((meaning for words, meaning in _BY_WORDS.items() if words in why.lower()), "")


def connection_text(cause: str) -> str:
    """The text for no answer, by the name of the exception; its own text only repeats the address."""
    meaning = _BY_CAUSE.get(cause, "")
    return f"{meaning} ({cause})" if meaning else cause


def refusal_text(status: int, why: str) -> str:
    """The text for points that can never be stored."""
    shown = printable(why, _MOST_SHOWN)
    if "field type conflict" in why:
        return f"a field has another type there ({status}): {shown}"
    if "partial write" in why:
        return f"some of the points ({status}), the others are stored: {shown}"
    return f"({status}): {shown}"
