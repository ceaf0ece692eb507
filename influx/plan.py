"""The difference between InfluxDB as it is and as it should be, as a list of changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from influx.tokens import read_token, write_token
from ward.clock import SECOND
from ward.ports import Point, Series, Store
from ward.retention_policy import DAY, QUERY_WIDTHS, RETENTION, RetentionPolicy, file_span

ROLES = {"writer": ("read", "write"), "reader": ("read",)}
_NO_END = 1e15  # ms: longer than any range
_OLDEST = 50 * 365 * DAY  # seconds: longer ago than any range begins, and after 1970


class Admin(Protocol):
    """The administration of an InfluxDB, 1.x or 2.x; `influx.admin` and `influx.admin_v1`."""

    def display_name(self, policy: RetentionPolicy) -> str:
        """The name of a policy in messages."""
        ...

    def policies(self) -> Mapping[RetentionPolicy, float | None]:
        """The existing policies, with their retention in seconds; None is for ever."""
        ...

    def file_spans(self) -> Mapping[RetentionPolicy, float]:
        """How many seconds of points one file (a shard group) of each existing policy holds, where that is known."""
        ...

    def create(self, policy: RetentionPolicy, keep: float | None) -> None:
        """Create a policy that keeps its points for `keep` seconds (None is for ever), in files of `file_span`."""
        ...

    def set_retention(self, policy: RetentionPolicy, keep: float | None) -> None:
        """Change the retention of a policy, and the span of its files from now on to `file_span`."""
        ...

    def permissions(self, role: str) -> frozenset[str] | None:
        """The permissions of a role's token, such as `read ward/minutes`; None without a token."""
        ...

    def has_active_token(self, role: str, token: str) -> bool:
        """Whether this is an active token of a role."""
        ...

    def create_token(self, role: str, rights: frozenset[str]) -> str:
        """A new token for a role, with exactly these permissions; its older tokens are deleted."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its line in the diff, and the call that corrects it."""

    line: str
    apply: Callable[[], object]


def changes(admin: Admin, store: Store, bucket: str, tokens: Path | None) -> Iterator[Change]:
    """All differences, in the order in which they can be corrected.

    `tokens` is the folder of the token files; None for an InfluxDB without tokens. Raises `StoreUnavailable`,
    `SettingsError`.
    """
    found, spans = admin.policies(), admin.file_spans()
    for policy, keep in RETENTION.items():
        yield from _policy(admin, policy, keep, found)
        if found.get(policy, _NO_END) == keep and spans.get(policy, file_span(keep)) != file_span(keep):
            yield _files(admin, policy, keep, spans[policy])
    # Without its policy the measurement cannot be queried.
    yield from _resolutions(store, asked=RetentionPolicy.FACTS in found)
    for role, actions in ROLES.items() if tokens is not None else ():
        rights = frozenset(f"{action} {name}" for action in actions for name in _buckets(bucket))
        assert tokens is not None
        yield from _token(admin, role, rights, tokens / f"influx-{role}.token")


def resolutions() -> list[Point]:
    """The points of `resolutions`: which policy answers for a range, by its width and how long ago it began.

    The time of each point is 1970 plus the retention of its policy, because InfluxQL can calculate only with times: the
    first point from `now() - beginning` on is the finest policy that still has the range. The last one has no limit.
    """
    finest_first = sorted(QUERY_WIDTHS, key=lambda policy: QUERY_WIDTHS[policy])
    below = [*(QUERY_WIDTHS[policy] * 1000 for policy in finest_first[1:]), _NO_END]
    past = [*(RETENTION[policy] or _OLDEST for policy in finest_first[:-1]), _OLDEST]
    return [
        Point(Series.of("resolutions", resolution=p), round(keep * SECOND), {"below_ms": ms, "policy": str(p)})
        for p, keep, ms in zip(finest_first, past, below, strict=True)
    ]


def _policy(
    admin: Admin, policy: RetentionPolicy, keep: float | None, found: Mapping[RetentionPolicy, float | None]
) -> Iterator[Change]:
    place = admin.display_name(policy)
    if policy not in found:
        yield Change(f"+ {place}, kept {_span(keep)}", lambda: admin.create(policy, keep))
    elif found[policy] != keep:
        now = found[policy]
        shorter = keep is not None and (now is None or now > keep)
        warning = " (what is older will be deleted)" if shorter else ""
        yield Change(
            f"~ {place}, kept {_span(now)} → {_span(keep)}{warning}", lambda: admin.set_retention(policy, keep)
        )


def _files(admin: Admin, policy: RetentionPolicy, keep: float | None, now: float) -> Change:
    """The policy is of the set-up of InfluxDB, or was longer before: its files are deleted only whole, so too late."""
    place, wanted = admin.display_name(policy), file_span(keep)
    return Change(
        f"~ {place}, files of {_span(now)} → {_span(wanted)} from now on (older files stay until their end)",
        lambda: admin.set_retention(policy, keep),
    )


def _resolutions(store: Store, asked: bool) -> Iterator[Change]:
    wanted = resolutions()
    rows = store.rows("resolutions", {}, 0, round(_OLDEST * SECOND) + 1, 100) if asked else []
    there = {(row.tags["resolution"], row.at): dict(row.fields) for row in rows}
    if any(there.get((dict(point.series.tags)["resolution"], point.at)) != point.fields for point in wanted):
        sign = "~" if there else "+"
        yield Change(f"{sign} measurement resolutions, {len(wanted)} points", lambda: store.write(wanted))


def _token(admin: Admin, role: str, rights: frozenset[str], file: Path) -> Iterator[Change]:
    has, known = admin.permissions(role), read_token(file)
    if has == rights and known is not None and admin.has_active_token(role, known):
        return
    what = "read and write" if any(right.startswith("write") for right in rights) else "read"
    if has is None:
        line = f"+ token {role}, {what} our buckets, to {file}"
    elif has != rights:
        line = f"~ token {role}, {what} our buckets and nothing else, again to {file}"
    else:
        line = f"~ token {role}, again to {file}, which does not hold it (the old token becomes invalid)"
    yield Change(line, lambda: write_token(file, admin.create_token(role, rights)))


def _buckets(bucket: str) -> list[str]:
    return [bucket if policy is RetentionPolicy.AUTOGEN else f"{bucket}/{policy}" for policy in RetentionPolicy]


def _span(keep: float | None) -> str:
    return "for ever" if keep is None else f"{keep / DAY:g} d"
