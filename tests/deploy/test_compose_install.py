"""`make compose-test` in a fresh clone: everything it needs is made, whatever was there before."""

import os
from pathlib import Path

import pytest

from tests.compose import install
from tests.engines import install as engines


@pytest.mark.parametrize(("jars", "failed", "made"), [(0, 0, True), (0, 1, False), (3, 1, True)])
def test_roots_are_made_after_kafka_was_fetched_too(
    jars: int, failed: int, made: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called: list[str] = []
    monkeypatch.setattr(install, "missing_packages", list)
    monkeypatch.setattr(install, "root", lambda name: tmp_path / name)
    monkeypatch.setattr(install, "make_roots", lambda: called.append("roots"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engines, "kafka_jars", lambda: ["jar"] * jars)
    monkeypatch.setattr(engines, "main", lambda: failed)
    assert install.main() == (0 if made else failed)
    assert called == ["roots"] * made
