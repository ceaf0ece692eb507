"""The web application for tests: made once, and lent to one test after another.

Making it takes a tenth of a second, nearly all of it in FastAPI, and its first answers take nearly as long: more than
most tests of it. What differs from test to test is what it depends on, so only that is exchanged.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from fastapi import FastAPI

from web.app import make_app
from web.dependencies import Dependencies

_OBJECTS = ("log", "store", "live", "clock", "metrics", "model", "board")
_TIMEOUT = Dependencies.timeout


class _Forward:
    """Stands for an object that changes from test to test, in a place that keeps it."""

    def __init__(self, of: Callable[[], object]) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of(), name)


class _Lent:
    """The dependencies of an application: those of the test that has it now."""

    def __init__(self, deps: Dependencies) -> None:
        self.now = deps
        for name in _OBJECTS:
            setattr(self, name, _Forward(lambda name=name: getattr(self.now, name)))  # type: ignore[misc]
        self.app = make_app(self)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


_free: list[_Lent] = []


def lend_app(deps: Dependencies, until: ExitStack) -> FastAPI:
    """An application that depends on `deps`; no other test has it before `until` is closed.

    One that waits for the store in its own time is made for the test alone: a store that hangs keeps its threads. So is
    one without a mailbox: it has other pages.
    """
    if deps.timeout != _TIMEOUT or deps.mailbox is None:
        return make_app(deps)
    lent = _free.pop() if _free else _Lent(deps)
    lent.now = deps
    until.callback(_free.append, lent)
    return lent.app
