"""An action: what a person did, as it stands in the log of actions."""

from collections.abc import MutableMapping
from enum import StrEnum

import msgspec

from ward.clock import Micros
from ward.silence import Silence


class ActionType(StrEnum):
    """What can be done."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    SILENCE = "silence"
    EXPIRE = "expire"


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """Who did what, when and why. `id` makes a repeat of the same request harmless.

    `subject` is the alert's id for (un)acknowledge, and the silence's for silence and expire.
    """

    id: str
    type: ActionType
    subject: str
    by: str
    at: Micros
    note: str = ""
    silence: Silence | None = None


def silences_after(silences: MutableMapping[str, Silence], action: Action) -> None:
    """Bring a table of silences up to date with one more action; for whoever reads the log of actions."""
    if action.type is ActionType.SILENCE and action.silence is not None:
        silences[action.silence.id] = action.silence
    elif action.type is ActionType.EXPIRE and action.subject in silences:
        silences[action.subject] = silences[action.subject].expired(action.at)
