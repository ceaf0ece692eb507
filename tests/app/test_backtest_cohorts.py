"""A backtest compares devices of a kind, whichever process evaluated them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.backtests.backtest import Backtest
from app.console.cli_context import config_of
from bridge.store_points.readings import ReadingPoints
from tests.app.calling import SHIPPED
from tests.detectors.builders import T0, at
from tests.detectors.test_cohort import drifting
from ward.adapters.sqlite.store import SqliteStore
from ward.config.config import Config
from ward.reading import Reading

LENGTH, STEP, SINCE = 6 * 3600, 60, 2 * 3600
MONITORS = [f"mon-icu-{number:02}" for number in range(1, 8)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Six hours of seven monitors. One drifts by a degree an hour after two hours, while all get warmer."""
    file = SqliteStore(tmp_path_factory.mktemp("past") / "store.db")
    make = ReadingPoints(config())
    file.write([point for t in range(0, LENGTH, STEP) for one in measured(t) for point in make.points(one)])
    yield file
    file.close()


def measured(t: int) -> Iterator[Reading]:
    for number, device in enumerate(MONITORS):
        off = max(0, t - SINCE) / 3600 if device == "mon-icu-03" else 0.0
        x = 36.0 + 0.1 * number + t / 36_000 + off
        yield Reading(device=device, ward="icu", at=at(t), received_at=at(t), values={"temperature": x})


def config(**settings: str) -> Config:
    given: dict[str, Any] = {"every": "10m", "for_": "20m", **settings}
    return replace(config_of(SHIPPED, T0), rules=(drifting(**given),))


def backtest(store: SqliteStore) -> Backtest:
    return Backtest(store, config(), at(0), at(LENGTH), warm_up=0, others=(config(), config(for_="40m")))


def test_the_one_that_drifts_is_found_with_both_configs(store: SqliteStore) -> None:
    test = backtest(store)
    list(test.run())
    (before,), (same,), (after,) = (replay.episodes.listed for replay in test.replays)
    assert (before.device, before.rule) == (same.device, same.rule) == (after.device, after.rule)
    assert (before.device, before.bed) == ("mon-icu-03", "icu-03")
    assert (before.raised, after.raised - before.raised) == (same.raised, 1200 * 1_000_000)


def test_devices_in_different_shares_are_compared_together(store: SqliteStore) -> None:
    whole, parent = backtest(store), backtest(store)
    list(whole.run())
    for number in range(2):
        part = parent.share(number, 2)(store)
        list(part.run())
        assert [replay.episodes.listed for replay in part.replays] == [[], [], []]
        assert 0 < len({one.boot for one in part.replays[0].means}) < len(MONITORS)
        parent.merge(part.result())
    parent.finish_cohorts()
    shown = [[list(map(str, replay.episodes.listed)) for replay in test.replays] for test in (whole, parent)]
    assert shown[0] == shown[1]
