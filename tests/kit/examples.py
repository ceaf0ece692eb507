"""How many examples a property test tries."""

import os

FULL = os.environ.get("WARDWATCH_TESTS") == "full"


def examples(few: int, many: int) -> int:
    """`few` in `make test`, `many` in `make test-full`: for properties of which one example takes long."""
    return many if FULL else few
