"""One problem of a provisioning file: its kind, its place and a message."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """The kinds of problems; the values are printed by `wardwatch grafana`."""

    NOT_YAML = "not-yaml"
    UNKNOWN_FILE = "unknown-file"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    WRONG_VALUE = "wrong-value"
    MISSING_DATA_IS_OK = "missing-data-is-ok"
    DUPLICATE_UID = "duplicate-uid"
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_DATA_SOURCE = "unknown-data-source"
    UNKNOWN_REF_ID = "unknown-ref-id"
    DUPLICATE_REF_ID = "duplicate-ref-id"
    UNKNOWN_CONDITION = "unknown-condition"
    QUERY_WITHOUT_TIME = "query-without-time"
    WRONG_INTERVAL = "wrong-interval"
    UNKNOWN_RECEIVER = "unknown-receiver"
    UNKNOWN_MUTE_TIMING = "unknown-mute-timing"
    ROOT_HAS_MATCHERS = "root-has-matchers"
    UNPROVED_END = "unproved-end-is-notified"
    UNKNOWN_TEMPLATE = "unknown-template"
    UNKNOWN_VARIABLE = "unknown-variable"
    UNSET_VARIABLE = "unset-variable"
    UNEXPECTED_DOLLAR = "unexpected-dollar"
    SECRET_IN_FILE = "secret-in-file"  # noqa: S105 - a name


@dataclass(frozen=True, order=True)
class Problem:
    """One problem. `path` is its place in the file, such as `groups.0.rules.2.noDataState`; empty: the whole file."""

    file: str
    path: str
    kind: ProblemKind
    message: str

    def __str__(self) -> str:
        if not self.path:
            return f"{self.file}: {self.message}"
        return f"{self.file}: {self.path}: {self.kind}: {self.message}"
