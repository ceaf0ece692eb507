"""Tests of channels, folded from the log of actions."""

from dataclasses import dataclass, field

from ward.action import Action, ActionType
from ward.channel_test import ChannelTestResult

_MOST = 1000


@dataclass(frozen=True, slots=True)
class AskedTest:
    """The action that asks for a test, and the newest result of each channel by its name."""

    action: Action
    results: dict[str, ChannelTestResult] = field(default_factory=dict)


class ChannelTestIndex:
    """The newest tests by the id of their action."""

    def __init__(self) -> None:
        self._tests: dict[str, AskedTest] = {}

    def apply(self, action: Action) -> None:
        """Apply an action of the log. Applying it twice changes nothing."""
        if action.type is ActionType.TEST and action.test is not None and action.id not in self._tests:
            self._tests[action.id] = AskedTest(action)
            while len(self._tests) > _MOST:
                del self._tests[next(iter(self._tests))]
        elif action.type is ActionType.TEST_RESULT and action.result is not None and action.subject in self._tests:
            self._tests[action.subject].results[action.result.channel] = action.result

    def get(self, action: str) -> AskedTest | None:
        """The test with this id."""
        return self._tests.get(action)
