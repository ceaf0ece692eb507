"""What is remembered of an alert group."""

import msgspec

from ward.clock import Micros


class GroupState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an alert group was last notified (steady time), and how many notifications it has had."""

    key: str
    notified_at: Micros = 0
    count: int = 0
