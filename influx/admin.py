"""Administration of InfluxDB 2.x by its API: buckets, retention, tokens."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import urllib3
from influxdb_client import (  # type: ignore[attr-defined]
    Authorization,
    BucketRetentionRules,
    InfluxDBClient,
    Permission,
    PermissionResource,
)
from influxdb_client.rest import ApiException

from ward.adapters.influx.error_texts import connection_text, status_text
from ward.adapters.influx.http import InfluxSettings
from ward.errors import SettingsError, StoreUnavailable
from ward.ids import printable
from ward.retention_policy import RetentionPolicy, file_span

T = TypeVar("T")
# These classes have no type annotations.
_permission: Any = Permission
_resource: Any = PermissionResource
_authorization: Any = Authorization
_expire: Any = BucketRetentionRules
_MOST = 100
# The rights of a token on a bucket that is gone: the bucket has no name any more.
_NOWHERE = frozenset({"read None", "write None", "read ", "write "})
# The description of our tokens, by which they are found again.
_OURS = "wardwatch {role} of {bucket}"


class InfluxAdmin:
    """The buckets and tokens of an organisation.

    Methods raise `StoreUnavailable`, and `SettingsError` when there is no such organisation.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        self._settings = settings
        self._client: Any = InfluxDBClient(
            url=settings.url, token=settings.token, org=settings.org, timeout=round(settings.timeout * 1000),
            retries=False, ssl_ca_cert=settings.ca,
        )  # fmt: skip

    def display_name(self, policy: RetentionPolicy) -> str:
        """The name of a policy in messages."""
        return f"bucket {self._bucket(policy)}"

    def policies(self) -> Mapping[RetentionPolicy, float | None]:
        """The policies that exist, with their retention in seconds; None is for ever."""
        found = self._buckets()
        return {
            policy: _retention(found[name])
            for policy in RetentionPolicy for name in [self._bucket(policy)] if name in found
        }  # fmt: skip

    def file_spans(self) -> Mapping[RetentionPolicy, float]:
        """How many seconds of points one file of each bucket holds."""
        found = self._buckets()
        return {
            policy: span
            for policy in RetentionPolicy
            if (bucket := found.get(self._bucket(policy))) is not None and (span := _file_span(bucket)) is not None
        }

    def create(self, policy: RetentionPolicy, keep: float | None) -> None:
        """Create a bucket that keeps its points for `keep` seconds."""
        name, rules = self._bucket(policy), _rules(keep)
        buckets = self._client.buckets_api()
        self._ask(lambda: buckets.create_bucket(bucket_name=name, org=self._org(), retention_rules=rules))

    def set_retention(self, policy: RetentionPolicy, keep: float | None) -> None:
        """Change the retention of a bucket."""
        bucket = self._buckets()[self._bucket(policy)]
        bucket.retention_rules = _rules(keep)
        self._ask(lambda: self._client.buckets_api().update_bucket(bucket=bucket))

    def permissions(self, role: str) -> frozenset[str] | None:
        """The permissions of a role's tokens, such as `read ward/minutes`; None without a token."""
        found = self._tokens(role)
        return None if not found else frozenset(_right(p) for token in found for p in token.permissions) - _NOWHERE

    def has_active_token(self, role: str, token: str) -> bool:
        """Whether this is an active token of a role."""
        return any(found.token == token and found.status == "active" for found in self._tokens(role))

    def create_token(self, role: str, rights: frozenset[str]) -> str:
        """A new token for a role. All buckets must exist.

        Its older tokens are deleted, but for those that still work, with fewer rights: where a bucket was lost,
        programs use them until they have the new one.
        """
        old, buckets, org = self._tokens(role), self._buckets(), self._org()
        permissions = [
            _permission(action=action, resource=_resource(type="buckets", id=buckets[name].id, org_id=org))
            for action, _, name in (right.partition(" ") for right in sorted(rights))
        ]
        wanted = _authorization(org_id=org, description=self._description(role), permissions=permissions)
        api = self._client.authorizations_api()
        made = self._ask(lambda: api.create_authorization(authorization=wanted))
        for token in (token for token in old if not self._still_works(token, rights)):
            self._ask(partial(api.delete_authorization, token))
        return str(made.token)

    def _still_works(self, token: Any, rights: frozenset[str]) -> bool:
        """Whether a token has some of these rights on buckets that exist, not all of them, and no other."""
        has = {_right(permission) for permission in token.permissions} - _NOWHERE
        return token.status == "active" and bool(has) and has < rights

    def close(self) -> None:
        self._client.close()

    def _bucket(self, policy: RetentionPolicy) -> str:
        return self._settings.bucket if policy is RetentionPolicy.AUTOGEN else f"{self._settings.bucket}/{policy}"

    def _description(self, role: str) -> str:
        return _OURS.format(role=role, bucket=self._settings.bucket)

    def _org(self) -> str:
        found = self._ask(lambda: self._client.organizations_api().find_organizations(org=self._settings.org))
        if not found:
            raise SettingsError(
                f"InfluxDB has no organisation {printable(self._settings.org)!r}, or the token may not see it"
            )
        return str(found[0].id)

    def _buckets(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        ask = partial(self._client.buckets_api().find_buckets, org=self._settings.org, limit=_MOST)
        more: dict[str, str] = {}
        while True:
            page = self._ask(partial(ask, **more)).buckets
            found |= {bucket.name: bucket for bucket in page}
            if len(page) < _MOST:
                return found
            more = {"after": page[-1].id}

    def _tokens(self, role: str) -> list[Any]:
        api = self._client.authorizations_api()
        found = self._ask(lambda: api.find_authorizations(org=self._settings.org))
        return [token for token in found if token.description == self._description(role)]

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except ApiException as error:
            why = printable(str(getattr(error, "message", "") or error.reason or ""), 300)
            raise StoreUnavailable(
                f"InfluxDB at {self._settings.url} answered {error.status}: {status_text(int(error.status or 0), why)}"
            ) from None
        except urllib3.exceptions.HTTPError as error:
            raise StoreUnavailable(
                f"InfluxDB at {self._settings.url}: {connection_text(type(error).__name__)}"
            ) from error


def _rules(keep: float | None) -> list[Any]:
    files = round(file_span(keep))
    return [_expire(type="expire", every_seconds=round(keep or 0), shard_group_duration_seconds=files)]


def _file_span(bucket: Any) -> float | None:
    seconds = [rule.shard_group_duration_seconds for rule in bucket.retention_rules or ()]
    return float(seconds[0]) if seconds and seconds[0] else None


def _retention(bucket: Any) -> float | None:
    seconds = [rule.every_seconds for rule in bucket.retention_rules or ()]
    return float(seconds[0]) if seconds and seconds[0] else None


def _right(permission: Any) -> str:
    """The text of a permission; one that is not for a single bucket has the type of its resource."""
    resource = permission.resource
    return f"{permission.action} {resource.name if resource.type == 'buckets' and resource.id else resource.type}"
