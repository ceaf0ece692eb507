"""What a codec refuses, wherever it says so."""

from collections.abc import Sequence

import pytest

from bridge.codecs import Codec
from bridge.refusal import Refused


def refusal(codec: Codec, levels: Sequence[str], payload: bytes) -> Refused:
    """Why a payload, the first of its readings, or a part of that cannot be used. Fails where nothing is refused."""
    try:
        readings = codec.decode(levels, payload)
    except Refused as refused:
        return refused
    for entry in codec.refused():
        return entry
    for part in (part for reading in readings for part in reading.refused):
        return Refused(*part)
    pytest.fail("nothing is refused")
