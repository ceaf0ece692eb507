"""Administration of InfluxDB 1.x by InfluxQL: the database and its retention policies."""

import re
from collections.abc import Mapping

from ward.adapters.influx.http import InfluxHttp, InfluxSettings
from ward.adapters.influx.influxql import name
from ward.errors import SettingsError
from ward.retention_policy import RetentionPolicy, file_span

_UNITS = {"h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+)([hms])")


class InfluxAdminV1:
    """The database and its policies. InfluxDB 1.x has no tokens: users and grants are left to its administrator.

    Methods raise `StoreUnavailable`, `QueryRefused`.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        self._http = InfluxHttp(settings)
        self._database = settings.bucket

    def display_name(self, policy: RetentionPolicy) -> str:
        return f"retention policy {self._database}.{policy}"

    def policies(self) -> Mapping[RetentionPolicy, float | None]:
        (there,) = self._http.query("SHOW DATABASES")
        if not any(self._database in row for series in there for row in series.get("values", ())):
            return {}
        (found,) = self._http.query(f"SHOW RETENTION POLICIES ON {name(self._database)}")
        rows = [(row[0], row[1], row[-1]) for series in found for row in series["values"]]
        # Readings are written into the default policy: an `autogen` that is not the default does not count.
        return {
            RetentionPolicy(called): _seconds(keeps)
            for called, keeps, default in rows
            if called in set(RetentionPolicy) and (default or called != RetentionPolicy.AUTOGEN)
        }

    def file_spans(self) -> Mapping[RetentionPolicy, float]:
        (there,) = self._http.query("SHOW DATABASES")
        if not any(self._database in row for series in there for row in series.get("values", ())):
            return {}
        (found,) = self._http.query(f"SHOW RETENTION POLICIES ON {name(self._database)}")
        spans = {row[0]: _seconds(row[2]) for series in found for row in series["values"]}
        return {policy: span for policy in RetentionPolicy if (span := spans.get(policy))}

    def create(self, policy: RetentionPolicy, keep: float | None) -> None:
        if policy is RetentionPolicy.AUTOGEN:
            # Comes with its database, at first for ever. For a database that exists this changes nothing.
            self._change(f"CREATE DATABASE {name(self._database)}")
            self.set_retention(policy, keep)
            return
        durations = _durations(keep, " REPLICATION 1")
        self._change(f"CREATE RETENTION POLICY {self._named(policy)} {durations}")

    def set_retention(self, policy: RetentionPolicy, keep: float | None) -> None:
        default = " DEFAULT" if policy is RetentionPolicy.AUTOGEN else ""
        self._change(f"ALTER RETENTION POLICY {self._named(policy)} {_durations(keep)}{default}")

    def permissions(self, role: str) -> frozenset[str] | None:
        return None

    def has_active_token(self, role: str, token: str) -> bool:
        return False

    def create_token(self, role: str, rights: frozenset[str]) -> str:
        raise SettingsError("InfluxDB 1.x has no tokens: its administrator makes users and grants")

    def close(self) -> None:
        self._http.close()

    def _named(self, policy: RetentionPolicy) -> str:
        return f"{name(policy)} ON {name(self._database)}"

    def _change(self, statement: str) -> None:
        self._http.query(statement, method="POST")


def _durations(keep: float | None, replication: str = "") -> str:
    return f"DURATION {_duration(keep)}{replication} SHARD DURATION {_duration(file_span(keep))}"


def _duration(keep: float | None) -> str:
    return "INF" if keep is None else f"{round(keep)}s"


def _seconds(duration: str) -> float | None:
    """`720h0m0s` → seconds; `0s` is for ever."""
    found = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
    return float(found) or None
