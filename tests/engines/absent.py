"""What a test does where something it needs is not on this machine."""

import os
from typing import NoReturn

import pytest


def absent(sentence: str) -> NoReturn:
    """Skips on a laptop. Where engines are required nothing may be left out in silence: there it fails."""
    if os.environ.get("WARDWATCH_ENGINES") == "required" or os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
