"""What a roll-up needs of a reading in the log: its device and its time. Its values are in the store."""

import msgspec

from ward.clock import Micros
from ward.reading import Reading
from ward.wire import Wire


class ReadingKey(msgspec.Struct, frozen=True, gc=False, tag_field="v", tag=Reading.__struct_config__.tag):
    """Decodes two fields of a reading, `device` and `at`, in half the time of decoding all."""

    device: str
    at: Micros


READING_KEY = Wire(ReadingKey)
