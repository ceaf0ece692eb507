"""A name for what a config says, however it is laid out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ward.config.yaml.document import Document

# Elsewhere keys may change places without a change of meaning.
_ORDERED: Mapping[str, list[tuple[str, ...]]] = {
    "signals.yaml": [()],
    "bridge.yaml": [("topics",)],
    "ward.yaml": [("wards",), ("wards", "*", "beds")],
}


def content_hash(documents: Mapping[str, Document], ended: Sequence[str]) -> str:
    """Twelve hex digits that follow from the content of all files, and from which overrides have ended.

    Comments, white space, quotes and the order of keys do not count, unless screens or routing go by
    that order. Variables count by name, not by what they hold: nothing follows from a secret.
    """
    said: dict[str, Any] = {"ended": sorted(ended)}
    for name, document in documents.items():
        order = [[key for key, _ in document.names(*pattern)] for pattern in _ORDERED.get(name, ())]
        said[name] = [_plain(document.data()), order]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """88.0 is 88."""
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
