"""A config file that is cut in half while nothing runs: the next start goes on with the limits that were in force."""

from pathlib import Path

import pytest

from tests.kit.simulated_ward import SimulatedWard, simulated_ward
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE, ConfigConfirmation


def cut_in_half(ward: SimulatedWard) -> None:
    """All limits after that of the heart rate are gone, and all overrides; what is left is valid."""
    file = ward.config / "thresholds.yaml"
    file.write_text(file.read_text(encoding="utf-8").partition("  systolic_bp:")[0], encoding="utf-8")


def confirm(ward: SimulatedWard, edit: str) -> None:
    record = ConfigConfirmation(config=edit, by="Dr. Nowak", at=ward.clock.now())
    ward.resources.log.send(CONFIG_CONFIRMATIONS, [(edit, CONFIG_CONFIRMATION_WIRE.encode(record))])


@pytest.mark.guarantee("Limits that were cut out of a file while nothing ran still raise alerts after the start.")
def test_the_limits_that_were_in_force_still_raise_after_a_start_on_half_a_file(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.set_signal("mon-icu-03", "spo2", "80x600", at=20)
        ward.expect_alert(20, 40, "desaturation", "mon-icu-03")
        ward.expect_alert(85, 90, "config-rejected", "")
        for device in ("mon-icu-03", "mon-icu-05"):
            ward.expect_alert(90, 110, "saturation-falling", device)
        ward.run(60)
        before = ward.resources.live.config.hash

        cut_in_half(ward)
        ward.start_again()
        ward.set_signal("mon-icu-05", "spo2", "80x600", at=80)
        ward.expect_alert(80, 100, "desaturation", "mon-icu-05")
        ward.run(60)
        assert ward.resources.live.config.hash == before
        assert ward.alert("desaturation", "mon-icu-03").active
        assert ward.alert("desaturation", "mon-icu-05").active
        edit = ward.resources.live.waiting
        assert edit is not None
        assert ward.resources.live.faults[0].startswith(f"edit {edit.hash} takes watch over patients away")
        assert any(line.startswith("rule desaturation (spo2) is removed") for line in ward.resources.live.faults)

        confirm(ward, edit.hash)
        ward.run(5)
        assert (ward.resources.live.config.hash, ward.resources.live.waiting) == (edit.hash, None)
        assert str(ward.alert("desaturation", "mon-icu-05").ended) == "removed by config"

        ward.start_again()
        ward.run(3)
        assert (ward.resources.live.config.hash, ward.resources.live.waiting) == (edit.hash, None)


def test_a_limit_that_moved_while_nothing_ran_is_in_force_when_it_ends_no_alert(tmp_path: Path) -> None:
    with simulated_ward(tmp_path) as ward:
        ward.run(10)
        before = ward.resources.live.config.hash
        file = ward.config / "thresholds.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("medium: 130", "medium: 125", 1), encoding="utf-8")
        ward.start_again()
        assert ward.resources.live.config.hash == before
        ward.run(5)
        live = ward.resources.live
        assert live.config.hash != before
        assert (live.waiting, tuple(live.faults)) == (None, ())
