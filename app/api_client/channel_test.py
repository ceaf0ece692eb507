"""A test of channels in a running Wardwatch: asked for, and followed until each service has answered."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import click

from app.api_client.client import ApiClient
from ward.clock import SECOND, Clock, parse_instant

EVERY = 0.5
PATH = "/api/v1/channel-tests"


def run_test(
    api: ApiClient, body: object, timeout: float, clock: Clock, pause: Callable[[float], object] = time.sleep
) -> Any:
    """The test as it is when all is known, or after `timeout` seconds."""
    until = clock.monotonic() + timeout
    test = api.post(PATH, body)
    try:
        while not test["finished"] and clock.monotonic() < until:
            pause(EVERY)
            test = api.get(f"{PATH}/{quote(test['id'], safe='')}")
        list(result_lines(test))
    except (LookupError, TypeError, ValueError):
        raise api.not_wardwatch() from None
    return test


def delivered(test: Any) -> bool:
    """Whether every recipient of every channel has the message."""
    return all(channel["state"] == "delivered" for channel in test["channels"])


def result_lines(test: Any) -> Iterator[str]:
    """What became of a test, for people."""
    asked = parse_instant(test["asked_at"])
    for channel in test["channels"]:
        queued = f", queued after {_span(asked, channel['queued_at'])}" if channel["queued_at"] else ""
        why = f": {channel['why']}" if channel["why"] else ""
        yield f"{channel['channel']}: {channel['state']}{queued}{why}"
        for each in channel["recipients"]:
            reply = f": {each['reply']}" if each["reply"] else ""
            yield f"  {each['recipient']}: {each['outcome']} after {_span(asked, each['answered_at'])}{reply}"


def failure(test: Any) -> click.ClickException:
    """What to do where not every recipient has it."""
    if test["finished"]:
        return click.ClickException("not every recipient has the test message")
    return click.ClickException(f"not known yet whether it is delivered; later: GET {PATH}/{test['id']}")


def _span(asked: int, at: str) -> str:
    """`0.84 s`; the clocks of two machines may differ, so never less than nothing."""
    return f"{max(0, parse_instant(at) - asked) / SECOND:.2f} s"
