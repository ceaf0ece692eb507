"""An action: what a person did, as it stands in the log of actions."""

from enum import StrEnum

import msgspec

from ward.clock import Micros


class Deed(StrEnum):
    """What can be done."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """Who did what to which alert, when and why. `id` makes a repeat of the same request harmless."""

    id: str
    deed: Deed
    subject: str
    by: str
    at: Micros
    note: str = ""
