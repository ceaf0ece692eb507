"""Shows what the bridge makes of messages: as text at once, or as one JSON document at the end."""

from typing import Any

import click

from app.console.output import print_json
from app.devices.payload_trial import PayloadTrial, TrialResult


class TrialOutput:
    """`show` each result, then `finish`."""

    def __init__(self, trial: PayloadTrial, form: str) -> None:
        self._trial = trial
        self._json = form == "json"
        self._messages: list[dict[str, Any]] = []
        self._count = 0

    def show(self, result: TrialResult) -> bool:
        """Whether it is accepted."""
        if self._json:
            self._messages.append(self._trial.data(result))
            return result.accepted
        if self._count:
            click.echo()
        self._count += 1
        for line in self._trial.lines(result):
            click.echo(line)
        return result.accepted

    def finish(self) -> None:
        """Print the JSON document."""
        if self._json:
            print_json({"messages": self._messages})
