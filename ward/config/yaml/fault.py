"""A fault of a config file, with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ConfigFault:
    """A fault at one place of one config file. A warning does not stop the config from being used.

    Lines and columns count from 1; a fault of a whole file is at 1:1.
    """

    file: str
    line: int
    col: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}: {'warning: ' if self.warning else ''}{self.message}"


def report(faults: list[ConfigFault]) -> str:
    """All faults, one a line, and a last line with their number."""
    wrong = sum(not fault.warning for fault in faults)
    counts = [_count(wrong, "fault"), _count(len(faults) - wrong, "warning")]
    return "\n".join([*map(str, faults), ", ".join(counts)])


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
