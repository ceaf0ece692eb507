"""docs/configuration.md: its examples load, its tables equal those of the code, and it is complete."""

import re
from pathlib import Path

import pytest

from app.reference.configuration import MODELS, with_tables
from app.settings.loader import load_settings
from app.settings.settings import Settings
from tests.config.config_reader import HERE, VALID, checked, copied
from ward.config.files import CONFIG_FILES
from ward.config.yaml.fault import report

TEXT = (HERE.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", TEXT, re.DOTALL))


def test_the_examples_together_load(tmp_path: Path) -> None:
    assert set(EXAMPLES) == {*CONFIG_FILES, "settings.yaml"}
    for name, example in EXAMPLES.items():
        (tmp_path / name).write_text(example, encoding="utf-8")

    faults = checked(tmp_path, {"WARDWATCH_MAIL_URL": "mailto://x", "WARDWATCH_SMS_URL": "json://x"})
    assert [str(fault) for fault in faults] == []


def test_the_example_of_settings_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.yaml").write_text(EXAMPLES["settings.yaml"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert load_settings(file=tmp_path / "settings.yaml").mqtt_url.startswith(
        "mqtts://bridge@broker.hospital.test:8883"
    )


def test_the_tables_equal_those_of_the_code() -> None:
    assert with_tables(TEXT) == TEXT, "write them anew: python -m app.reference.configuration"


def test_every_model_has_a_table_and_every_setting_a_line() -> None:
    assert set(re.findall(r"<!-- table: (\S+) -->", TEXT)) == set(MODELS)
    for name in Settings.model_fields:
        assert f"`WARDWATCH_{name.upper()}`" in TEXT


def test_the_output_of_config_check_equals_that_of_the_page(tmp_path: Path) -> None:
    found = re.search(r"<!-- check: (\S+) -->\n```text\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    directory = copied(HERE / "faults" / found[1], copied(VALID, tmp_path / "config"))

    output = report(checked(directory)).replace(directory.as_posix(), "config")
    assert found[2] == f"{output}\n"
