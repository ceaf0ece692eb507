"""`alerting/policies.yaml`."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from grafana.schema import Duration, NonEmpty, Strict


def _matcher(matcher: list[str]) -> list[str]:
    if len(matcher) != 3 or matcher[1] not in ("=", "!=", "=~", "!~"):
        raise ValueError("a matcher is a label, one of = != =~ !~, and a value")
    if "~" in matcher[1]:
        try:
            re.compile(matcher[2].replace("$$", "$"))
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
    return matcher


class Policy(Strict):
    """One notification policy."""

    receiver: NonEmpty
    group_by: list[NonEmpty] | None = None
    object_matchers: list[Annotated[list[str], AfterValidator(_matcher)]] = []
    mute_time_intervals: list[NonEmpty] = []
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    continue_: Annotated[bool, Field(alias="continue")] = False
    routes: list["Policy"] = []


class RootPolicy(Policy):
    """The root policy of an organisation."""

    orgId: Literal[1]


class PoliciesFile(Strict):
    """The whole file."""

    apiVersion: Literal[1]
    policies: Annotated[list[RootPolicy], Field(min_length=1, max_length=1)]
