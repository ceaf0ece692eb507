"""What is wrong with InfluxDB, in words that say what to do; its own words stand behind them."""

_BY_STATUS = {
    401: "it does not know the token: is it that server's, and still valid?",
    403: "the token may not do this: `wardwatch influx apply` makes one that may",
    404: "the bucket is not there: `wardwatch influx apply` makes it",
    429: "it has too much to do",
    503: "it is not ready",
}
# The first that stands in its words. A 500 can be anything.
_BY_WORDS = {
    "cache-max-memory-size": "it is full: what it has not written to its disk yet fills its memory",
    "no space left": "it is full: no space is left on its disk",
    "disk quota": "it is full: its disk's quota is used up",
    "read-only file system": "it is read-only: its disk cannot be written",
    "retention policy not found": "the policy is not there: `wardwatch influx apply` makes it",
    "database not found": "the database is not there, or the token may not read it",
    "bucket not found": "the bucket is not there: `wardwatch influx apply` makes it",
    "timeout": "it is slow: it gave up on this by itself",
}
_BY_CAUSE = {
    "NewConnectionError": "nobody listens there",
    "NameResolutionError": "there is no machine of that name",
    "ConnectTimeoutError": "the machine does not answer",
    "ReadTimeoutError": "it is slow or hangs",
    "ProtocolError": "it ended the connection",
    "SSLError": "its certificate is not one we trust",
}


def of_answer(status: int, why: str) -> str:
    """For an answer that is none of ours to mend."""
    known = of_words(why) or _BY_STATUS.get(status, "")
    return ": ".join(filter(None, (known, why))) or "is that InfluxDB?"


def of_words(why: str) -> str:
    """What an error means that stands in an answer, of whatever status; empty when that is not known."""
    return next((meaning for words, meaning in _BY_WORDS.items() if words in why.lower()), "")


def of_cause(cause: str) -> str:
    """For no answer at all. The kind says what is wrong, its text only repeats the address."""
    meaning = _BY_CAUSE.get(cause, "")
    return f"{meaning} ({cause})" if meaning else cause


def of_refusal(status: int, why: str) -> str:
    """For what can never be stored."""
    if "field type conflict" in why:
        return f"a field has another type there ({status}): {why}"
    if "partial write" in why:
        return f"some of the points ({status}), the others are stored: {why}"
    return f"({status}): {why}"
