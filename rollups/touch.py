"""What a roll-up wants to know of a reading: whose it is, and of when. Its values are in the store."""

import msgspec

from ward.clock import Micros
from ward.wire import Wire


class Touch(msgspec.Struct, frozen=True, gc=False, tag_field="v", tag=2):
    """A reading, all but two of its fields passed over: half the time of reading it whole."""

    device: str
    at: Micros


TOUCH = Wire(Touch)
