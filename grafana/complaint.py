"""A mistake in a provisioning file: which kind, where, and in words."""

from dataclasses import dataclass
from enum import StrEnum


class Mistake(StrEnum):
    """The kinds of mistakes, by the names under which tests and people know them."""

    NOT_YAML = "not-yaml"
    UNKNOWN_FILE = "unknown-file"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    WRONG_VALUE = "wrong-value"
    NEVER_OK = "missing-data-is-ok"
    SAME_UID = "same-uid"
    SAME_NAME = "same-name"
    UNKNOWN_SOURCE = "unknown-data-source"
    UNKNOWN_PART = "unknown-ref-id"
    SAME_PART = "same-ref-id"
    UNKNOWN_CONDITION = "unknown-condition"
    UNBOUND_QUERY = "query-without-time"
    SHORT_ROUND = "interval-no-round"
    UNKNOWN_RECEIVER = "unknown-receiver"
    UNKNOWN_MUTE_TIME = "unknown-mute-timing"
    ROOT_CHOOSES = "root-chooses"
    UNPROVED_END = "unproved-end-is-told"
    UNKNOWN_TEMPLATE = "unknown-template"
    UNKNOWN_VARIABLE = "unknown-variable"
    UNSET_VARIABLE = "unset-variable"
    DOLLAR = "dollar-where-none-is-needed"
    SECRET = "secret-in-file"  # noqa: S105 - a name


@dataclass(frozen=True, order=True)
class Complaint:
    """One mistake. `where` is the way to it in the file: `groups.0.rules.2.noDataState`."""

    file: str
    where: str
    mistake: Mistake
    words: str

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.where}: {self.mistake}: {self.words}" if self.where else f"{self.file}: {self.words}"
        )
