"""`influx apply` creates what is missing, corrects what differs, and a second run finds no difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from influx.admin import InfluxAdmin
from influx.admin_v1 import InfluxAdminV1
from influx.plan import Admin, changes, resolutions
from tests.engines.influx import Influx
from tests.influx.api2 import ADMIN, Api2
from ward.adapters.influx.http import InfluxHttp, InfluxSettings
from ward.adapters.influx.store import InfluxStore
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import SECOND, ManualClock, SystemClock
from ward.errors import SettingsError, StoreUnavailable
from ward.ports import Point, Series
from ward.retention_policy import DAY, HOUR, RETENTION, RetentionPolicy, resolution


@pytest.fixture
def api() -> Iterator[Api2]:
    made = Api2()
    yield made
    made.close()


class Place:
    """An InfluxDB 2.x with the store for `resolutions`, and a folder for tokens."""

    def __init__(self, api: Api2, folder: Path, org: str = "hospital", token: str = ADMIN) -> None:
        self.admin: Admin = InfluxAdmin(InfluxSettings(url=api.url, bucket="ward", org=org, token=token))
        self.store = SqliteStore(folder / "store.db", ManualClock())
        self.tokens = folder / "tokens"

    def lines(self) -> list[str]:
        return [c.line.replace(str(self.tokens), "tokens") for c in changes(*self._all())]

    def apply(self) -> None:
        for change in list(changes(*self._all())):
            change.apply()

    def _all(self) -> tuple[Admin, SqliteStore, str, Path]:
        return self.admin, self.store, "ward", self.tokens

    def token(self, role: str) -> str:
        return (self.tokens / f"influx-{role}.token").read_text(encoding="ascii").strip()

    def close(self) -> None:
        self.admin.close()
        self.store.close()


@pytest.fixture
def place(api: Api2, tmp_path: Path) -> Iterator[Place]:
    made = Place(api, tmp_path)
    yield made
    made.close()


def test_on_an_empty_server_everything_is_created_once(api: Api2, place: Place) -> None:
    assert place.lines() == [
        "+ bucket ward, kept 30 d",
        "+ bucket ward/minutes, kept 365 d",
        "+ bucket ward/hours, kept 1825 d",
        "+ bucket ward/facts, kept for ever",
        "+ bucket ward/overview, kept 1 d",
        "+ measurement resolutions, 3 points",
        "+ token writer, read and write our buckets, to tokens/influx-writer.token",
        "+ token reader, read our buckets, to tokens/influx-reader.token",
    ]
    assert api.changes == 0, "a query changes nothing"
    place.apply()
    assert api.keeps() == {
        "ward": 30 * DAY,
        "ward/minutes": 365 * DAY,
        "ward/hours": 1825 * DAY,
        "ward/facts": 0,
        "ward/overview": DAY,
    }
    before = api.changes
    assert place.lines() == []
    place.apply()
    assert api.changes == before


def test_other_buckets_and_tokens_are_not_changed(api: Api2, place: Place) -> None:
    for n in range(150):
        api.bucket(f"other-{n}", 77)
    api.bucket("ward", 30 * 86_400)
    place.apply()
    assert {keep for name, keep in api.keeps().items() if name.startswith("other-")} == {77}
    assert sorted(name for name in api.keeps() if name.startswith("ward")) == [
        "ward", "ward/facts", "ward/hours", "ward/minutes", "ward/overview",
    ]  # fmt: skip


def test_differences_are_reported_and_corrected_and_a_deletion_is_announced(api: Api2, place: Place) -> None:
    place.apply()
    for bucket in api.buckets.values():
        if bucket["name"] == "ward":
            bucket["retentionRules"][0]["everySeconds"] = 7 * DAY
        if bucket["name"] == "ward/minutes":
            bucket["retentionRules"][0]["everySeconds"] = 400 * DAY
        if bucket["name"] == "ward/hours":
            bucket["retentionRules"] = []
    place.store.write([Point(Series.of("resolutions", resolution="hours"), resolutions()[-1].at, {"below_ms": 1.0})])
    assert place.lines() == [
        "~ bucket ward, kept 7 d → 30 d",
        "~ bucket ward/minutes, kept 400 d → 365 d (what is older will be deleted)",
        "~ bucket ward/hours, kept for ever → 1825 d (what is older will be deleted)",
        "~ measurement resolutions, 3 points",
    ]
    place.apply()
    assert place.lines() == []


def test_tokens_have_exactly_the_rights_they_need(api: Api2, place: Place) -> None:
    place.apply()
    rights = {
        token["token"]: {(p["action"], p["resource"]["name"]) for p in token["permissions"]}
        for token in api.tokens.values()
    }
    ours = {"ward", "ward/minutes", "ward/hours", "ward/facts", "ward/overview"}
    assert rights == {
        place.token("writer"): {(action, name) for action in ("read", "write") for name in ours},
        place.token("reader"): {("read", name) for name in ours},
    }


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660])
def test_a_token_file_is_for_its_owner_only_and_one_that_others_could_read_is_replaced(
    api: Api2, place: Place, mode: int
) -> None:
    place.apply()
    file = place.tokens / "influx-reader.token"
    assert file.stat().st_mode & 0o777 == 0o600
    assert place.tokens.stat().st_mode & 0o077 == 0
    first = place.token("reader")
    file.chmod(mode)
    (line,) = place.lines()
    assert line.startswith("~ token reader, again to tokens/influx-reader.token")
    place.apply()
    assert file.stat().st_mode & 0o777 == 0o600
    assert place.token("reader") != first
    assert first not in {token["token"] for token in api.tokens.values()}, "the old one is no more"
    assert len(api.tokens) == 2


def test_a_file_with_another_or_an_inactive_token_is_reported_and_replaced(api: Api2, place: Place) -> None:
    place.apply()
    why = "which does not hold it (the old token becomes invalid)"
    lines = [f"~ token reader, again to tokens/influx-reader.token, {why}"]
    (place.tokens / "influx-reader.token").write_text("another\n", encoding="ascii")
    assert place.lines() == lines
    place.apply()
    assert place.lines() == []
    (reader,) = (token for token in api.tokens.values() if token["token"] == place.token("reader"))
    reader["status"] = "inactive"
    assert place.lines() == lines


def test_a_temporary_token_file_of_a_crash_is_overwritten(place: Place) -> None:
    place.tokens.mkdir()
    (place.tokens / "influx-writer.token.new").write_text("half")
    place.apply()
    assert place.lines() == []
    assert sorted(file.name for file in place.tokens.iterdir()) == ["influx-reader.token", "influx-writer.token"]


def test_a_token_that_cannot_be_written_is_an_error_with_its_file(place: Place) -> None:
    place.tokens.write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match=r"tokens/influx-writer\.token: the token cannot be written"):
        place.apply()


def test_no_line_contains_a_token(api: Api2, place: Place) -> None:
    place.apply()
    secrets = [token["token"] for token in api.tokens.values()]
    (place.tokens / "influx-writer.token").unlink()
    assert not any(secret in line for secret in (*secrets, ADMIN) for line in place.lines())


def test_a_token_with_too_many_rights_is_replaced(api: Api2, place: Place) -> None:
    place.apply()
    (reader,) = (token for token in api.tokens.values() if token["token"] == place.token("reader"))
    lines = ["~ token reader, read our buckets and nothing else, again to tokens/influx-reader.token"]
    reader["permissions"].append({"action": "write", "resource": {"type": "authorizations"}})
    assert place.lines() == lines
    place.apply()
    assert place.lines() == []
    (reader,) = (token for token in api.tokens.values() if token["token"] == place.token("reader"))
    api.tokens["ff"] = {**reader, "id": "ff", "token": "a second", "permissions": [
        {"action": "write", "resource": {"type": "buckets"}}
    ]}  # fmt: skip
    assert place.lines() == lines
    place.apply()
    assert "ff" not in api.tokens


def lose(api: Api2, *names: str) -> None:
    """Buckets are deleted: the rights on them have no name any more."""
    for bucket in [bucket for bucket in api.buckets.values() if bucket["name"] in names]:
        del api.buckets[bucket["id"]]
        for token in api.tokens.values():
            for permission in token["permissions"]:
                if permission["resource"]["id"] == bucket["id"]:
                    permission["resource"].pop("name")


@pytest.mark.guarantee("After a lost bucket, tokens that still work are kept until programs have the new ones.")
def test_after_a_lost_bucket_the_old_tokens_still_work_for_the_others(api: Api2, place: Place) -> None:
    place.apply()
    old = {role: place.token(role) for role in ("writer", "reader")}
    lose(api, "ward/overview")
    assert [line[0] for line in place.lines()] == ["+", "~", "~"]
    place.apply()
    assert place.lines() == []
    kept = {token["token"] for token in api.tokens.values()}
    assert {*old.values(), place.token("writer"), place.token("reader")} == kept
    assert len(kept) == 4


def test_tokens_without_any_bucket_left_are_replaced(api: Api2, place: Place) -> None:
    place.apply()
    lose(api, *api.keeps())
    place.apply()
    assert place.lines() == []
    assert {token["token"] for token in api.tokens.values()} == {place.token("writer"), place.token("reader")}


def test_files_of_a_bucket_of_the_set_up_are_made_shorter(api: Api2, place: Place) -> None:
    """The set-up makes its bucket without retention, in files of a week: a day's points would stay for a week more."""
    api.bucket("ward", 0)
    (bucket,) = api.buckets.values()
    bucket["retentionRules"][0]["shardGroupDurationSeconds"] = round(7 * DAY)
    place.apply()
    assert bucket["retentionRules"][0]["shardGroupDurationSeconds"] == DAY
    assert place.lines() == []
    bucket["retentionRules"][0]["shardGroupDurationSeconds"] = round(7 * DAY)
    assert place.lines() == ["~ bucket ward, files of 7 d → 1 d from now on (older files stay until their end)"]
    place.apply()
    assert place.lines() == []


def test_tokens_of_another_bucket_are_not_changed(api: Api2, place: Place, tmp_path: Path) -> None:
    place.apply()
    theirs = {"id": "ff", "token": "theirs", "status": "active", "permissions": [], "orgID": "00000000000000aa"}
    api.tokens["ff"] = {**theirs, "description": "wardwatch reader of ward2"}
    assert place.lines() == []
    (place.tokens / "influx-reader.token").unlink()
    place.apply()
    assert "ff" in api.tokens


def test_a_wrong_token_and_a_wrong_organisation_have_different_errors(api: Api2, tmp_path: Path) -> None:
    unauthorised = Place(api, tmp_path / "a", token="canary-token")
    with pytest.raises(StoreUnavailable, match="401: the token is invalid") as raised:
        unauthorised.lines()
    assert "canary-token" not in str(raised.value)
    unauthorised.close()
    lost = Place(api, tmp_path / "b", org="clinic")
    with pytest.raises(SettingsError, match="no organisation 'clinic'"):
        lost.apply()
    lost.close()


@pytest.mark.parametrize(
    ("width", "age", "policy"),
    [
        (HOUR, HOUR, RetentionPolicy.AUTOGEN), (6 * HOUR - 1, 29 * DAY, RetentionPolicy.AUTOGEN),
        (6 * HOUR, 6 * HOUR, RetentionPolicy.MINUTES),
        (10 * DAY, 10 * DAY, RetentionPolicy.HOURS), (10 * DAY - 1, 200 * DAY, RetentionPolicy.MINUTES),
        (HOUR, 31 * DAY, RetentionPolicy.MINUTES), (HOUR, 366 * DAY, RetentionPolicy.HOURS),
        (HOUR, 40 * 365 * DAY, RetentionPolicy.HOURS),
    ],
)  # fmt: skip
def test_a_range_is_read_from_the_finest_policy_that_is_fast_and_has_it(
    width: float, age: float, policy: RetentionPolicy
) -> None:
    """By the query of a dashboard, and by the store itself where its buckets allow."""
    found = [p for p in resolutions() if p.at >= age * SECOND and float(p.fields["below_ms"]) > width * 1000]
    assert min(found, key=lambda point: point.at).fields["policy"] == policy
    assert age > 5 * 365 * DAY or resolution(width, age, HOUR) == policy


@pytest.mark.engines
def test_on_1_x_the_database_and_its_policies_are_created(influx: Influx) -> None:
    settings = InfluxSettings(url=f"http://127.0.0.1:{influx.port}", bucket="applied", version=1)
    admin, store = InfluxAdminV1(settings), InfluxStore(settings)

    def found() -> list[str]:
        return [change.line for change in changes(admin, store, "applied", None)]

    assert found()[0] == "+ retention policy applied.autogen, kept 30 d"
    assert len(found()) == 6
    for change in list(changes(admin, store, "applied", None)):
        change.apply()
    assert found() == []
    assert admin.policies() == RETENTION
    admin.set_retention(RetentionPolicy.MINUTES, None)
    assert found() == ["~ retention policy applied.minutes, kept for ever → 365 d (what is older will be deleted)"]
    http = InfluxHttp(settings)
    http.query('CREATE RETENTION POLICY "elsewhere" ON "applied" DURATION INF REPLICATION 1 DEFAULT', method="POST")
    # All points without a policy, which are the raw readings, would be written there.
    assert found()[0] == "+ retention policy applied.autogen, kept 30 d"
    admin.create(RetentionPolicy.AUTOGEN, RETENTION[RetentionPolicy.AUTOGEN])
    assert found() == ["~ retention policy applied.minutes, kept for ever → 365 d (what is older will be deleted)"]
    http.close()
    assert len(store.rows("resolutions", {}, 0, SystemClock().now(), 9)) == 3
    assert store.fields(RetentionPolicy.FACTS) == {"resolutions": {"below_ms": "float", "policy": "string"}}
    admin.close()
    store.close()
