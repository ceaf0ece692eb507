"""`alerts.yaml`: as `Alerting`, but with channels, people, receivers and so on as mappings by name."""

from typing import Any

from ward.config.alerting import Alerting
from ward.config.yaml.document import Document, Node
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable

# The keys below which entries have names.
NAMED = ("channels", "people", "schedules", "receivers", "mute_times", "trusted_senders", "link_keys")


def keys_as_names(document: Document, faults: FaultCollector) -> Document:
    """`channels: {mail: {…}}` → a list of entries with a name, as in `Alerting`; their places stay the same."""
    root = document.root
    if not isinstance(root.value, dict):
        return document
    value: dict[str, Any] = dict(root.value)
    for key in NAMED:
        node = value.get(key)
        if node is not None and isinstance(node.value, dict):
            entries = [
                _named(document, name, node.keys[name], _windows(entry) if key == "mute_times" else entry, faults)
                for name, entry in node.value.items()
            ]
            value[key] = Node(node.place, [entry for entry in entries if entry is not None], {}, node.size)
    return Document(document.file, Node(root.place, value, root.keys, root.size))


def without_empty_urls(alerting: Alerting) -> Alerting:
    """Removes empty addresses, which variables that are not set leave."""
    channels = tuple(
        channel.model_copy(update={"urls": tuple(url for url in channel.urls if url.get_secret_value())})
        for channel in alerting.channels
    )
    return alerting.model_copy(update={"channels": channels})


def _windows(entry: Node) -> Node:
    """A mute time is written as the list of its windows alone."""
    return (
        Node(entry.place, {"windows": entry}, {"windows": entry.place}, entry.size)
        if isinstance(entry.value, list)
        else entry
    )


def _named(document: Document, name: str, place: tuple[int, int], entry: Node, faults: FaultCollector) -> Node | None:
    if entry.value is not None and not isinstance(entry.value, dict):
        faults.at(document.file, entry.place, f"'{printable(name, 64)}' must hold lines of `key: value`")
        return None
    fields: dict[str, Node] = entry.value or {}
    if "name" in fields:
        faults.at(document.file, entry.keys["name"], "unknown key 'name': the key above is the name")
    own = Node(place, name, {})
    return Node(place, {**fields, "name": own}, {**entry.keys, "name": place}, entry.size + 1)
