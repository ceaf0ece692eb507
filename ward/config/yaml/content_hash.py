"""A hash of the content of a config, independent of its layout."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ward.config.yaml.document import Document

# Mappings whose order has a meaning; elsewhere the order of keys does not count.
_ORDERED: Mapping[str, list[tuple[str, ...]]] = {
    "signals.yaml": [()],
    "bridge.yaml": [("topics",)],
    "ward.yaml": [("wards",), ("wards", "*", "beds")],
}


def content_hash(documents: Mapping[str, Document], ended: Sequence[str]) -> str:
    """Twelve hex digits of the content of all files and of the list of overrides that have ended.

    Comments, white space and quotes do not count, nor does the order of keys, unless screens or routing depend on it.
    Variables count by name, not by value: the hash depends on no secret.
    """
    content: dict[str, Any] = {"ended": sorted(ended)}
    for name, document in documents.items():
        order = [[key for key, _ in document.names(*pattern)] for pattern in _ORDERED.get(name, ())]
        content[name] = [_plain(document.data()), order]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """Whole floats become integers: 88.0 and 88 are equal."""
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
