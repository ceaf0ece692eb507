"""What the status code of an HTTP service says about a message that it did not accept."""

from alerts.model.delivery_result import Outcome

# Answers that say that the service as a whole does not work now.
_UNAVAILABLE = frozenset({429, 502, 503, 504})
# Answers to a request that may succeed later; other 4xx refuse it for good.
_LATER = frozenset({408, 423, 425})


def outcome_of(code: int) -> Outcome:
    """How an attempt ended that was answered with this code, which is no 2xx."""
    if code in _UNAVAILABLE:
        return Outcome.NO_ANSWER
    return Outcome.REFUSED if 400 <= code < 500 and code not in _LATER else Outcome.DEFERRED
