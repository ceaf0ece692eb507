"""Cross checks of `bridge.yaml`."""

from collections.abc import Collection, Sequence

from ward.config.schema.bridge_file import BridgeFile
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable


def check_bridge(validated_file: ValidatedFile[BridgeFile], codecs: Collection[str], faults: FaultCollector) -> None:
    """Adds faults of a root that is not one level, of invalid topic filters, and of unknown codecs."""
    file, document = validated_file.model, validated_file.document
    root, mappings = printable(file.root, 64), {name for name, _ in validated_file.original.names("mappings")}
    if not is_id(file.root):
        faults.add(document, ("root",), f"'{root}' cannot be one level of a topic: letters, digits, '_', '.' and '-'")
    for pattern, entry in file.topics.items():
        if problem := filter_problem(pattern):
            faults.add(document, ("topics", pattern), f"'{printable(pattern, 100)}' {problem}", key=True)
        if entry.codec not in mappings and entry.codec not in codecs:
            path = ("topics", pattern)
            inner = isinstance(document.root.value["topics"].value[pattern].value, dict)
            faults.unknown(document, (*path, "codec") if inner else path, "codec", entry.codec, {*codecs, *mappings})
    _check_reach(validated_file, faults)
    for name in mappings & set(codecs):
        words = f"'{printable(name, 64)}' is the name of a codec: call the mapping something else"
        faults.add(document, ("mappings", name), words, key=True)
    if not any(pattern.split("/")[0] in (file.root, "+", "#") for pattern in file.topics):
        faults.add(
            document, ("topics",), f"no topic begins with the root '{root}': what devices send would not be read"
        )


def _check_reach(validated_file: ValidatedFile[BridgeFile], faults: FaultCollector) -> None:
    """Adds a fault for each filter whose topics an earlier filter matches all."""
    valid = [pattern for pattern in validated_file.model.topics if not filter_problem(pattern)]
    for i, pattern in enumerate(valid):
        for earlier in valid[:i]:
            if covers(earlier.split("/"), pattern.split("/")):
                words = f"all of '{printable(pattern, 100)}' is read by '{printable(earlier, 100)}' above"
                words += ": put it before that, or take it out"
                faults.add(validated_file.document, ("topics", pattern), words, key=True)
                break


def covers(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    """Whether a filter matches every topic that another one matches."""
    for i, level in enumerate(wide):
        if level == "#":
            return True
        if i >= len(narrow) or narrow[i] == "#" or (level != "+" and level != narrow[i]):
            return False
    return len(wide) == len(narrow)


def filter_problem(pattern: str) -> str:
    """Why a text is not an MQTT topic filter (MQTT 5, section 4.7); empty for a valid one."""
    levels = pattern.split("/")
    if not pattern or len(pattern.encode()) > 1024:
        return "is no topic filter: it is empty, or longer than 1024 bytes"
    if "#" in "".join(levels[:-1]) or (levels[-1] != "#" and "#" in levels[-1]):
        return "is no topic filter: '#' stands alone, at the end"
    if any("+" in level and level != "+" for level in levels):
        return "is no topic filter: '+' stands for a whole level"
    if levels[0].startswith("$"):
        return "reads the broker's own topics, which no device sends"
    if "" in levels:
        return "has an empty level: take the extra '/' out"
    return ""
